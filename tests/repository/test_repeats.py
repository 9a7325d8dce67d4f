"""Keys that stand twice in a patch."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from tests.support.kustomize import deployment, make_snapshot

from tidegate.repository.closure import closure

BASE = {"b/kustomization.yaml": "resources: [d.yaml]\n", "b/d.yaml": deployment("m")}
HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: m}\n"
TWICE = f"{HEAD}spec:\n  replicas: 3\n  replicas: 1\n"


def told(files: Mapping[str, str]) -> list[tuple[str, int, str]]:
    found = closure(make_snapshot({**BASE, **files}), "o")
    return [(problem.file, problem.line, problem.key) for problem in found.problems]


def overlay(more: str) -> str:
    return f"resources: [../b]\n{more}"


@pytest.mark.parametrize(
    ("patch", "line", "key"),
    [
        (TWICE, 6, "replicas"),
        (f"{HEAD}spec: {{replicas: 3, replicas: 1}}\n", 4, "replicas"),
        (f'{HEAD}spec:\n  replicas: 3\n  "replicas": 1\n', 6, "replicas"),
        (f"{HEAD}---\n{TWICE}", 10, "replicas"),
        ("- {op: remove, path: /spec/replicas, op: add}\n", 1, "op"),
        (f"{HEAD}spec:\n  volumes:\n  - name: c\n    name: d\n", 7, "name"),
    ],
)  # fmt: skip
def test_in_a_file(patch: str, line: int, key: str) -> None:
    files = {"o/kustomization.yaml": overlay("patches: [{path: p.yaml}]\n"), "o/p.yaml": patch}
    assert told(files) == [("o/p.yaml", line, key)]
    old = overlay("patchesStrategicMerge: [p.yaml]\n")
    assert told(files | {"o/kustomization.yaml": old}) == [("o/p.yaml", line, key)]


def test_within_the_kustomization() -> None:
    block = "".join(f"      {line}\n" for line in TWICE.splitlines())
    file = overlay(f"patches:\n  - target: {{kind: Deployment}}\n    patch: |-\n{block}")
    assert told({"o/kustomization.yaml": file}) == [("o/kustomization.yaml", 10, "replicas")]
    file = overlay(f"patchesStrategicMerge:\n  - |\n{block}")
    assert told({"o/kustomization.yaml": file}) == [("o/kustomization.yaml", 9, "replicas")]


@pytest.mark.parametrize(
    "patch",
    [
        f"{HEAD}spec:\n  replicas: 3\n  template: {{metadata: {{labels: {{replicas: b}}}}}}\n",
        f"{HEAD}---\n{HEAD}",
        "- {op: remove, path: /a}\n- {op: remove, path: /b}\n",
        f"{HEAD}spec: &a\n  replicas: 1\n  x: {{<<: *a, <<: *a}}\n",
        f"{HEAD}spec: [\n",
        "{{ if x }}\n",
        "",
    ],
)
def test_what_repeats_nothing_is_left_to_kustomize(patch: str) -> None:
    files = {"o/kustomization.yaml": overlay("patches: [{path: p.yaml}]\n"), "o/p.yaml": patch}
    assert told(files) == []


def test_other_files_may_repeat_what_they_like() -> None:
    generator = overlay("configMapGenerator: [{name: a, files: [a.yaml]}]\n")
    assert told({"o/kustomization.yaml": generator, "o/a.yaml": "a: 1\na: 2\n"}) == []
