from __future__ import annotations

import pytest

from tidegate.domain.manifest import Built
from tidegate.errors import ConfigurationError
from tidegate.repository.rendered import read

ORIGIN = "config.kubernetes.io/origin"


def plain(text: str) -> Built:
    return Built("manifests/all.yaml", text, plain=True)


def test_an_origin_is_taken_off_and_told() -> None:
    text = (
        "kind: A\nmetadata:\n  annotations:\n    keep: me\n"
        f"    {ORIGIN}: |\n      path: ../tidegate-tree/apps/shop/base/a.yaml\n  name: a\n---\n"
        f"kind: B\nmetadata:\n  annotations:\n    {ORIGIN}: |\n"
        "      configuredIn: ../tidegate-tree/environments/dev/shop/kustomization.yaml\n"
        "      configuredBy:\n        kind: ConfigMapGenerator\n  name: b\n"
    )
    first, second = read(Built("environments/dev/shop", text))
    assert first.origin == "apps/shop/base/a.yaml"
    assert first.data == {"kind": "A", "metadata": {"annotations": {"keep": "me"}, "name": "a"}}
    assert second.origin == "environments/dev/shop/kustomization.yaml"
    assert second.data == {"kind": "B", "metadata": {"name": "b"}}


@pytest.mark.parametrize("path", ["/etc/passwd", "../../../etc/passwd", "../../other/a.yaml", ".."])
def test_an_origin_outside_the_repository_is_none(path: str) -> None:
    text = f"kind: A\nmetadata:\n  annotations:\n    {ORIGIN}: 'path: {path}'\n"
    (found,) = read(Built("x", text))
    assert found.origin is None


def test_an_overlay_by_itself_tells_origins_from_its_own_folder() -> None:
    path = "../../../apps/shop/base/a.yaml"
    text = f"kind: A\nmetadata:\n  annotations:\n    {ORIGIN}: 'path: {path}'\n"
    (found,) = read(Built("environments/dev/shop", text))
    assert found.origin == "apps/shop/base/a.yaml"


def test_a_plain_file_keeps_its_annotations_and_its_name() -> None:
    head = f"\ufeffkind: A\nmetadata:\n  annotations: {{{ORIGIN}: mine}}\n"
    text = f"{head}--- # second\nkind: B\n---\n# no\n"
    first, second = read(plain(text))
    assert first.data["metadata"]["annotations"] == {ORIGIN: "mine"}
    assert [item.origin for item in (first, second)] == ["manifests/all.yaml"] * 2


def test_lists_are_taken_apart() -> None:
    found = read(plain("apiVersion: v1\nkind: List\nitems: [{kind: A}, {kind: B}, 3]\n"))
    assert [item.id.kind for item in found] == ["A", "B"]


def test_a_document_that_is_none_is_told_with_its_line() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(plain("kind: A\n---\nkind: [\n"))
    (problem,) = caught.value.problems
    assert (problem.file, problem.line) == ("manifests/all.yaml", 3)


@pytest.mark.parametrize("text", ["[" * 5000, "- a\n- b\n", "a: &a [*a]\nb: {[1]: 2}\n", "\x00"])
def test_hostile_documents_end_in_an_error(text: str) -> None:
    with pytest.raises(ConfigurationError):
        read(plain(text))


@pytest.mark.parametrize("end", ["---", "--- ", "---\r", "--- # the end", "---\n---"])
def test_a_separator_at_the_end_begins_nothing(end: str) -> None:
    assert len(read(plain(f"kind: A\n---\nkind: B\n{end}"))) == 2


def test_a_syntax_error_is_told_on_its_own_line() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(plain("kind: A\n---\n# two\nkind: B\nspec:\n  a: 1\n   b: 2\n"))
    (problem,) = caught.value.problems
    assert problem.line == 7
    assert problem.message.startswith("can't be read: mapping values are not allowed")
