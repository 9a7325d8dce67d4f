from __future__ import annotations

import pytest

from tidegate.repository.dumping import dump
from tidegate.repository.rendered import read_plain

HEAD = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "a"}}
# What PyYAML leaves plain and Go's readers take for something else; and what is only text.
TEXTS = (
    "y",
    "N",
    "on",
    "08",
    "0o17",
    "1e3",
    "12345678e9",
    "1_000",
    "~",
    "",
    "=",
    "<<",
    "2026-01-01",
)
OTHERS = (
    "a: b",
    "- a",
    "# a",
    "a\n  b\n",
    "\ta",
    "é 🚀",
    "\x07",
    "a" * 500,
    "yes no",
    "-",
    "1.2.3",
)


@pytest.mark.parametrize("text", [*TEXTS, *OTHERS])
def test_text_is_read_back_as_text_where_it_is_a_value_or_a_key(text: str) -> None:
    data = {**HEAD, "data": {"value": text, "list": [text, {text: text}]}}
    (manifest,) = read_plain("", dump([data]))
    assert manifest.data == data


def test_plain_words_stay_plain_and_the_same_list_is_written_twice() -> None:
    shared = ["a"]
    text = dump([{"kind": "A", "a": shared, "b": shared, "n": 8, "t": True}, {"kind": "B"}])
    assert text == "kind: A\na:\n- a\nb:\n- a\n'n': 8\nt: true\n---\nkind: B\n"
