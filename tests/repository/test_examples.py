"""Examples are read whole, with their places; what is no example is refused by name."""

from __future__ import annotations

import pytest
from tests.support.snapshots import snapshot

from tidegate.domain.catalogue import Expected
from tidegate.errors import ConfigurationError
from tidegate.repository.examples import read_examples

FOLDER = "policies/admission/x"
POD = "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n"
IN_DEV = POD + "  annotations:\n    example.tidegate.dev/environment: dev\n"


def read(passes: str | bytes | None, fails: str | None = None):  # type: ignore[no-untyped-def]
    files = {f"{FOLDER}/passes.yaml": passes, f"{FOLDER}/fails.yaml": fails}
    return read_examples(snapshot(files), FOLDER)


def refused(passes: str | bytes, fails: str | None = None) -> list[str]:
    with pytest.raises(ConfigurationError) as caught:
        read(passes, fails)
    return [str(problem) for problem in caught.value.problems]


def test_where_there_is_nothing_there_are_no_examples() -> None:
    assert read(None) == ()


def test_each_document_is_an_example_with_its_place_and_its_text() -> None:
    first, second, third = read(f"# Says nothing.\n{POD}---\n{IN_DEV}", f"---\n{POD}")
    assert [e.expected for e in (first, second, third)] == [
        Expected.PASSES,
        Expected.PASSES,
        Expected.FAILS,
    ]
    assert [e.environment for e in (first, second, third)] == ["prod", "dev", "prod"]
    assert [str(e.where) for e in (first, second, third)] == [
        f"{FOLDER}/passes.yaml:3:1",
        f"{FOLDER}/passes.yaml:8:1",
        f"{FOLDER}/fails.yaml:3:1",
    ]
    assert first.text == f"# Says nothing.\n{POD}".rstrip()
    assert second.text == IN_DEV.rstrip()
    assert third.text == POD.rstrip()
    assert str(first.manifest.id) == "Pod a"


@pytest.mark.parametrize(
    "text", ["\ufeff" + POD, POD.replace("\n", "\r\n"), f"---\n# only a comment\n---\n{POD}---\n"]
)
def test_odd_files_are_read_all_the_same(text: str) -> None:
    [example] = read(text)
    assert example.manifest.data == {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}}
    assert example.text.split() == POD.split()


WRONG = [
    ("- a\n", ":1:1: is no Kubernetes object; expected apiVersion, kind and metadata.name"),
    ("kind: Pod\n", ":1:1: is no Kubernetes object; expected apiVersion, kind and metadata.name"),
    ("kind: Pod\nmetadata: x\n", "is no Kubernetes object"),
    (POD.replace("name: a", "name: [a]"), "is no Kubernetes object"),
    ("a: [\n", "is not valid YAML"),
    (POD + "kind: Pod\n", "kind: is a duplicate key"),
    (b"\xff\xfe", "is not UTF-8 text"),
    (POD + "  annotations:\n    example.tidegate.dev/environment: [x]\n", "environment's name"),
    ("a: &a b\nc: *a\n", "alias"),
    ("a\x1b: b\n", "control character"),
]


@pytest.mark.parametrize(("text", "says"), WRONG)
def test_what_is_no_example_is_refused(text: str | bytes, says: str) -> None:
    problems = refused(text)
    assert any(says in problem for problem in problems), problems
    assert all(problem.startswith(f"{FOLDER}/passes.yaml") for problem in problems)


def test_both_files_are_read_before_anything_is_refused() -> None:
    assert len({problem.partition(":")[0] for problem in refused("- a\n", "- b\n")}) == 2
