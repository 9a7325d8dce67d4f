from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.kustomize import make_snapshot

from tidegate.domain.snapshot import Snapshot
from tidegate.repository.presence import not_here

FOLDER = "policies/admission"
POLICY = f"{FOLDER}/x/policy.yaml"
HERE = make_snapshot({POLICY: ""})


@pytest.mark.parametrize(
    ("snapshot", "said"),
    [
        (HERE, None),
        (make_snapshot({}), None),
        (make_snapshot({}, links={FOLDER: "../x"}), f"{FOLDER}: is a file, a symbolic link"),
        (make_snapshot({}, submodules=(FOLDER,)), f"{FOLDER}: is a file, a symbolic link"),
        (make_snapshot({}, links={"policies": "x"}), "policies: is a file, a symbolic link"),
        (replace(HERE, absent=frozenset({"policies/gates/a.yaml"})), None),
        (
            replace(HERE, absent=frozenset({f"{FOLDER}/y/policy.yaml", f"{FOLDER}/z/a.yaml"})),
            f"{FOLDER}/y/policy.yaml: is not checked out",
        ),
    ],
)
def test_a_folder_that_is_not_here_as_a_whole_is_told(snapshot: Snapshot, said: str | None) -> None:
    problems = [str(problem) for problem in not_here(snapshot, FOLDER)]
    assert len(problems) == (said is not None)
    assert all(problem.startswith(str(said)) for problem in problems)
