from __future__ import annotations

import json
import math
import shutil
import subprocess

import pytest

from tidegate.domain.manifest import Built
from tidegate.errors import ConfigurationError
from tidegate.repository.rendered import read, read_some

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


def test_what_sops_says_of_a_list_holds_for_its_items() -> None:
    found = read(plain("kind: List\nitems: [{kind: A}, {kind: B, sops: 2}]\nsops: {mac: x}\n"))
    assert [manifest.data.get("sops") for manifest in found] == [{"mac": "x"}, 2]


def test_lists_are_taken_apart() -> None:
    found = read(plain("apiVersion: v1\nkind: List\nitems: [{kind: A}, {kind: B}]\n"))
    assert [item.id.kind for item in found] == ["A", "B"]
    with pytest.raises(ConfigurationError, match=r"items\[1\] of the list is no object"):
        read(plain("apiVersion: v1\nkind: List\nitems: [{kind: A}, null]\n"))


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


def test_each_document_that_is_none_is_told_beside_the_objects() -> None:
    found, problems = read_some(plain("kind: A\n---\nkind: [\n---\nkind: B\n---\n- c\n"))
    assert [item.id.kind for item in found] == ["A", "B"]
    assert [problem.line for problem in problems] == [3, 7]


def test_after_many_of_them_nothing_more_is_read() -> None:
    found, problems = read_some(plain("a: [\n---\n" * 1000 + "kind: A\n"))
    assert not found
    assert len(problems) == 101
    assert problems[-1].message == "nothing below is read, after 100 documents that can't be"


def test_a_syntax_error_is_told_on_its_own_line() -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(plain("kind: A\n---\n# two\nkind: B\nspec:\n  a: 1\n   b: 2\n"))
    (problem,) = caught.value.problems
    assert problem.line == 7
    assert problem.message.startswith("can't be read: mapping values are not allowed")


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("kind: A\nmetadata:\n  name: a\n  name: b\n", 4, "the key 'name' stands there twice"),
        ("kind: A\ndata: &a\n  b: [*a]\n", 3, "stands within what it stands for"),
        ("kind: A\ndata: {b: *c}\n", 2, "stands for nothing"),
        ("kind: A\ndata:\n  <<: 3\n", 3, "a merge key"),
        (f"kind: A\ndata:\n  b: !!int 0x{'9' * 6000}\n", 3, "isn't what its tag !!int says"),
        (f"kind: A\ndata: {{b: !!int {2**64}}}\n", 2, "isn't what its tag !!int says"),
        ("kind: A\ndata: {a: 1,\n  b: !!bool maybe}\n", 3, "isn't what its tag !!bool says"),
        ("kind: A\ndata: {b: !!binary x}\n", 2, "isn't what its tag !!binary says"),
        ("kind: A\ndata: {b: !!int 1:30}\n", 2, "isn't what its tag !!int says"),
        ("kind: A\ndata: {b: !!int x}\n", 2, "isn't what its tag !!int says"),
        ("kind: A\ndata:\n  a: 1\n  ~: 2\n", 4, "the key null"),
        ("kind: A\ndata:\n  on: 1\n  yes: 2\n", 4, "the key 'true' stands there twice"),
    ],
)
def test_what_go_refuses_is_refused_on_its_line(text: str, line: int, said: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read(plain(text))
    (problem,) = caught.value.problems
    assert problem.line == line
    assert said in problem.message


def test_aliases_that_stand_for_billions_are_refused() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]
    with pytest.raises(ConfigurationError, match="aliases stand for more than 100,000 values"):
        read(plain("\n".join(["kind: A", *lines])))


def test_merge_keys_give_what_the_mapping_itself_does_not() -> None:
    text = (
        "kind: A\nx: &x {a: 1, b: 1}\ny: &y {<<: *x, b: 2, c: 2}\n"
        "z: {c: 3, <<: [*y, {d: 4, a: 4}]}\nw: [<<]\n'<<': text\n"
    )
    (found,) = read(plain(text))
    assert found.data["z"] == {"a": 1, "b": 2, "c": 3, "d": 4}
    assert found.data["w"] == ["<<"]
    assert found.data["<<"] == "text"


# Each as `kubectl annotate --local` reads it.
GO = {
    **{"8:30": "8:30", "190:20:30.15": "190:20:30.15", "1:75": "1:75", "e3": "e3", "_1": "_1"},
    **{"1e3": 1000.0, "12e03": 12000.0, "-.5e3": -500.0, "1.e3": 1000.0, "1_0e2": 1000.0},
    **{"1.5": 1.5, "08": 8.0, "-.5": -0.5, ".5_0": 0.5, "._5": "._5", "1e999": "1e999"},
    **{"0777": 511, "0o17": 15, "0O17": 15, "0o8": "0o8", "0X1F": 31, "0x1_F": 31, "0B1": 1},
    **{"-0b11": -3, "+5": 5, "1_000": 1000, "1__0": 10, "0_8": 8.0, "0_7": 7, "=": "=", "+": "+"},
    **{"9223372036854775807": 2**63 - 1, "9223372036854775808": 2.0**63},
    **{"2026-01-01": "2026-01-01", "y": True, "N": False, "On": True, "tRue": "tRue", "~": None},
    **{"-.inf": -math.inf, "NULL": None, "nULL": "nULL"},
    **{"0x1ffffffffffffffff": "0x1ffffffffffffffff"},
    **{"-0x8000000000000001": "-0x8000000000000001", "+_1": 1, "1e5_0": 1e50, "9" * 400: "9" * 400},
    **{"!!float 3": 3.0, "!!bool y": True, "!!str 5": "5", "! 5": "5", "!!int '3'": 3},
    **{"!custom x": "x", "!!set x": "x", "!!binary aGVsbG8=": "hello"},
    **{text: text for text in ("9" * 6000, "0x" + "9" * 6000, "-0b" + "1" * 6000)},
}


def test_plain_scalars_are_what_go_reads() -> None:
    (found,) = read(plain(f"kind: A\ndata: [{', '.join(GO)}]\n"))
    expected = list(GO.values())
    assert found.data["data"] == expected
    assert [type(item) for item in found.data["data"]] == [type(item) for item in expected]
    (found,) = read(plain("kind: A\ndata:\n" + "".join(f"- {text}\n" for text in GO)))
    assert repr(found.data["data"]) == repr(expected)


def test_keys_are_text_as_they_are_to_kubectl() -> None:
    keys = {"on": "true", "n": "false", "1": "1", "010": "8", "1.50": "1.5", "a": "a"}
    (found,) = read(plain("kind: A\ndata:\n" + "".join(f"  {key}: {key}x\n" for key in keys)))
    assert found.data["data"] == {key: f"{written}x" for written, key in keys.items()}


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl is not on PATH")
def test_kubectl_reads_them_so() -> None:
    words = ["kubectl", "annotate", "--local", "-f", "-", "a=b", "-o", "json"]
    odd = (-math.inf, 2.0**63)  # JSON has no infinity, and kubectl rounds the other
    asked = [text for text, value in GO.items() if value not in odd]
    rows = "".join(f"- {text}\n" for text in asked)
    text = f"apiVersion: a.b/v1\nkind: A\nmetadata: {{name: a}}\ndata:\n{rows}"
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["data"] == [GO[text] for text in asked]


def test_a_second_document_on_the_line_of_its_dashes_is_told() -> None:
    with pytest.raises(ConfigurationError, match="second document"):
        read(plain("kind: A\n--- {kind: B}\n"))
    assert len(read(plain("%YAML 1.1\n---\nkind: A\n--- # b\nkind: B\n"))) == 2
