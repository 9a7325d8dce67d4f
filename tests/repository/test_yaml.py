"""Hostile YAML ends in a Problem at the right place, and never in a crash."""

from __future__ import annotations

import math
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.location import Location
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.nodes import DEPTH_LIMIT, compose
from tidegate.repository.yaml import SIZE_LIMIT, key_text, load

BOMB = b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"


def refused(data: bytes) -> Problem:
    with pytest.raises(ConfigurationError) as caught:
        load("f.yaml", data)
    return caught.value.problems[0]


@pytest.mark.parametrize(
    ("data", "line", "column", "message"),
    [
        (BOMB, 2, 8, "uses the alias *a"),
        (b"a: &a [*a]\n", 1, 8, "uses the alias *a"),
        (b"[" * 100_000, 1, DEPTH_LIMIT + 1, "is nested more than 64 levels deep"),
        (b"- " * 100_000, 1, 2 * DEPTH_LIMIT + 1, "is nested more than 64 levels deep"),
        (b"{a: " * 100_000, 1, 4 * DEPTH_LIMIT + 1, "is nested more than 64 levels deep"),
        (b"? " * 100_000, 1, 2 * DEPTH_LIMIT + 1, "is nested more than 64 levels deep"),
        (b"a: 1\nb: 2\na: 3\n", 3, 1, "is a duplicate key; the first is on line 1"),
        (b"a: {b: 1, 'b': 2}\n", 1, 11, "is a duplicate key"),
        (b"a:\n\tb: 1\n", 2, 1, "indented with spaces, never with tabs"),
        (b"a: b\x00c\n", 1, 5, "has a control character (U+0000)"),
        ("a: 1\r\n# é🚀\x1b\n".encode(), 2, 5, "has a control character (U+001B)"),
        ("a: 1\rb: \x80\n".encode(), 2, 4, "has a control character (U+0080)"),
        ("a: \uffff\n".encode(), 1, 4, "has a control character (U+FFFF)"),
        ("\ufeffa: \x01\n".encode(), 1, 4, "has a control character (U+0001)"),
        ("# é\na: ".encode() + b"\xe9\n", 2, 4, "is not UTF-8 text"),
        (b"\xff\xfea\x00", 1, 1, "is not UTF-8 text"),
        (b"a: 1\n---\nb: 1\n", 2, 1, "has more than one YAML document"),
        (b"a: 1\n...\n---\n", 3, 1, "has more than one YAML document"),
        (b"a" * 5_000_000, 0, 0, "is 4.8 MiB large; Tidegate reads at most 1 MiB"),
        (b"<<: {a: 1}\n", 1, 1, "merge keys are not allowed here"),
        (b"a:\n- b: !!python/object/apply:os.system [x]\n", 2, 6, "has the tag"),
        (b"a: !!python/name:os.system\n", 1, 4, "has the tag or form"),
        (b"a: !!binary aGk=\n", 1, 4, "has the tag or form"),
        (b"a: !!set {b}\n", 1, 4, "has the tag"),
        (b"a: !secret b\n", 1, 4, "has the tag or form"),
        (b"a: !!int b\n", 1, 4, "has the tag or form"),
        (b"a: 017\n", 1, 4, "has the tag or form"),
        (b"a: 1:30\n", 1, 4, "has the tag or form"),
        (b"? [a]\n: b\n", 1, 3, "a key must be plain text"),
        (b"a: 'b\n", 2, 1, "is not valid YAML"),
        (b"a: b: c\n", 1, 5, "is not valid YAML"),
        (b"%YAML 7.0\n---\na: 1\n", 1, 1, "is not valid YAML"),
        (b'a: "\\ud83d\\ude80"\n', 1, 7, "is not valid YAML"),
    ],
)
def test_the_problem_is_told_at_its_place(
    data: bytes, line: int, column: int, message: str
) -> None:
    found = refused(data)
    assert (found.line, found.column) == (line, column)
    assert message in str(found)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("--- a\n...\n", "a"),
        ("\ufeffa: 1\n", {"a": 1}),
        ("a: 1\r\nb: 'x\r\n  y'\r\n", {"a": 1, "b": "x y"}),
        ("a: [yes, Off, ~, null, '']\n", {"a": [True, False, None, None, ""]}),
        ("a: [0, -7, 0x1f, 1_000, +3]\n", {"a": [0, -7, 31, 1000, 3]}),
        ("a: [1.5, .5, 1.0e-05, .inf, -.INF]\n", {"a": [1.5, 0.5, 1e-05, math.inf, -math.inf]}),
        ("a: [2024-01-01, =, 1e3]\n", {"a": ["2024-01-01", "=", "1e3"]}),
        ("'1': {2: 3}\n", {"1": {"2": 3}}),
        ("a: ! {b: c}\n", {"a": {"b": "c"}}),
        ("a: &unused b\n", {"a": "b"}),
        ("a: !!str 12\n", {"a": "12"}),
        ("a: !!map {b: !!seq [c]}\n", {"a": {"b": ["c"]}}),
    ],
)
def test_values_are_read_as_plain_types(text: str, value: Any) -> None:
    assert load("f.yaml", text.encode()).data == value


def test_not_a_number_is_a_number() -> None:
    assert all(map(math.isnan, load("f.yaml", b"[.nan, .NaN]").data))


def test_as_deep_as_the_limit_is_fine() -> None:
    data = b"[" * DEPTH_LIMIT + b"]" * DEPTH_LIMIT
    assert load("f.yaml", data).data is not None


def test_as_large_as_the_limit_is_fine() -> None:
    data = b"a: 1\n#"
    assert load("f.yaml", data + b"#" * (SIZE_LIMIT - len(data))).data == {"a": 1}
    assert "1 MiB" in refused(data + b"#" * (SIZE_LIMIT - len(data) + 1)).message


def test_places_are_those_of_keys_and_items() -> None:
    document = load("f.yaml", "é: 1\ngates:\n  - metric: 🚀\n    x: {y: 2}\n".encode())
    assert document.place(("gates",)) == Location("f.yaml", 2, 1)
    assert document.place(("gates", 0)) == Location("f.yaml", 3, 5)
    assert document.place(("gates", 0, "x", "y")) == Location("f.yaml", 4, 9)
    assert document.place(("gates", 0, "missing", 7)) == Location("f.yaml", 3, 5)
    assert document.place(("nothing",)) == Location("f.yaml", 1, 1)


def test_all_duplicates_are_told_at_once() -> None:
    with pytest.raises(ConfigurationError) as caught:
        load("f.yaml", b"a: 1\na: 2\nb: [{c: 1, c: 2}]\n")
    assert [problem.key for problem in caught.value.problems] == ["a", "b[0].c"]


def test_key_paths_read_as_people_write_them() -> None:
    assert key_text(("gates", 0, "metric")) == "gates[0].metric"
    assert key_text(()) == ""


_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=15,
)


@given(_data, st.booleans(), st.booleans())
def test_what_pyyaml_writes_is_read_back(data: Any, flow: bool, unicode: bool) -> None:
    text = yaml.safe_dump(data, default_flow_style=flow, allow_unicode=unicode)
    assert load("f.yaml", text.encode()).data == yaml.safe_load(text)


@given(st.binary(max_size=100) | st.text("[]{}-:?&*!|>'\"#,% \n\tab<", max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        load("f.yaml", data)
    except ConfigurationError as error:
        places = [(problem.line, problem.column) for problem in error.problems]
        lines = data.count(b"\n") + data.count(b"\r") + 3 * len(data)
        assert all(0 <= line <= lines + 1 and column >= 0 for line, column in places)


def test_spans_are_exact_behind_any_characters() -> None:
    text = "# é🚀\u2028\r\n'é🚀':  \"v\"  # c\rb: w\n"
    root = compose("f.yaml", text)
    assert root is not None
    spans = [
        text[node.start_mark.index : node.end_mark.index] for pair in root.value for node in pair
    ]
    assert spans == ["'é🚀'", '"v"', "b", "w"]
