"""What is read line by line is what libyaml reads; everything else is left to it."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from tidegate.repository.object_events import parse_object
from tidegate.repository.objects import Unreadable, read_object
from tidegate.repository.plain_lines import read_lines

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  annotations:
    "on": 'it''s "so"'
    prometheus.io/port: "8080"
  name: ranker
spec:
  replicas: 2
  template:
    spec:
      containers:
      - args:
        - --model=/models/ranker:3
        - -x
        - $(PORT)
        env: []
        image: registry.example.com/ranker:1.2.0
        name: server
        resources:
          limits:
            cpu: 1.5
            nvidia.com/gpu: 1e0
        securityContext: {}
      # a word
      - name: beside

      nodeName:
      volumes: null
"""

# Each is YAML of some kind, and none of them is of simple lines.
LEFT = [
    "",
    "# nothing",
    "text",
    "- a",
    "a: &x 1\nb: *x",
    "a: !!int '1'",
    "a: [1, 2]",
    "a: {b: 1}",
    "a: |\n  b: c",
    "a: >-\n  b",
    "a: b\n  c",
    'a: "b\n  c"',
    "a: 'b",
    'a: "\\n"',
    "a: b # c",
    "a: b: c",
    "a: b:",
    "a: -",
    "a:\n- - b",
    "a:\n-",
    "a: é",
    "a:\tb",
    "a: b\r\n",
    "a: 1\na: 2",
    "a:\n  b: 1\n c: 2",
    "a:\n- b\nc:\n - d\n- e",
    "a: 1\n- b",
    "  a: 1",
    "? a\n: b",
    "<<: {}",
    "on: 1",
    "1: a",
    "a: ~",
    "a: 1\n--- \nb: 2",
    "a: 1\n...\n",
    "k" * 1025 + ": 1",
    "\n".join(" " * depth + f"k{depth}:" for depth in range(200)),
]

_PIECES = (
    *("a", "b", "key", "on", "y", "null", "true", "~", "1", "-1", "0x1F", "0o7", "010", "1:30"),
    *("1e3", ".5", "-.inf", ".nan", "1_000", "2024-01-01", "12345678901234567890", "_", "=", "<<"),
    *("-", "--", "---", "...", "- ", ": ", ":", " #", "#", "''", "'a'", "'a''b'", '"a"', '"a\\n"'),
    *('"', "'", "{}", "[]", "{a: 1}", "[1]", "|", ">", "|-", "&x", "*x", "!!int", "!", "%", "@"),
    *("`", "?", "? ", "$(A)", "(x)", "a b", "a: b", "-x", "- x", "\t", " ", "  ", "x,y", "x]", "}"),
    *("/a/b", "http://x:80", "--f=1", "a#b", "é", "k: ", "=x", "\\"),
)


def test_reads_what_kustomize_prints() -> None:
    found = read_lines(DEPLOYMENT)
    assert found is not None
    assert repr(found) == repr(parse_object(DEPLOYMENT))
    container = found["spec"]["template"]["spec"]["containers"][0]
    assert container["args"] == ["--model=/models/ranker:3", "-x", "$(PORT)"]
    assert found["metadata"]["annotations"] == {"on": 'it\'s "so"', "prometheus.io/port": "8080"}


@pytest.mark.parametrize("document", LEFT)
def test_leaves_what_it_is_not_sure_of(document: str) -> None:
    assert read_lines(document) is None


def test_two_readings_share_nothing() -> None:
    first, second = (read_object("a:\n- {}\nb: []\nc:\n  d: 1\n") for _ in range(2))
    first["a"][0]["x"] = first["b"].append(1) or first["c"].clear()
    assert second == {"a": [{}], "b": [], "c": {"d": 1}}


@pytest.mark.parametrize("seed", range(2))
def test_agrees_with_the_parser(seed: int) -> None:
    """Thousands of documents that are nearly of simple lines: whatever is read at all, the parser
    reads too, to the same values of the same types in the same order."""
    read = 0
    for document in _documents(random.Random(seed), 2000):
        found = read_lines(document)
        if found is None:
            continue
        read += 1
        try:
            expected = parse_object(document)
        except Unreadable as error:
            pytest.fail(f"{document!r} was read, and the parser says: {error}")
        assert repr(found) == repr(expected), document
    assert read > 50


def _documents(dice: random.Random, count: int) -> Iterator[str]:
    for _ in range(count):
        lines = _mapping(dice, 0, 0)
        place = dice.randrange(len(lines))
        change = dice.randrange(8)
        if change == 0:
            lines.insert(place, _line(dice))
        elif change == 1:
            lines[place] = " " * dice.randint(1, 3) + lines[place]
        elif change == 2:
            lines[place] = lines[place][1:]
        elif change == 3:
            lines[place] += dice.choice(_PIECES)
        elif change == 4:
            lines[place] = lines[place].replace(" ", "", 1)
        elif change == 5:
            lines.insert(place, dice.choice(lines))
        yield "\n".join(lines) + dice.choice(["", "\n"])


def _line(dice: random.Random) -> str:
    spaces, dashes = " " * dice.choice([0, 0, 2, 2, 4, 1, 3]), "- " * dice.choice([0, 0, 0, 1, 2])
    key = dice.choice(_PIECES) + ":" if dice.random() < 0.6 else ""
    return f"{spaces}{dashes}{key} {dice.choice(_PIECES)}"


def _mapping(dice: random.Random, depth: int, column: int) -> list[str]:
    lines: list[str] = []
    for _ in range(dice.randint(1, 3)):
        key = dice.choice(["a", "b", "c", "on", "'q'", '"1"', "x/y", "1"]) + dice.choice("0123 ")
        kind = dice.random()
        if depth == 3 or kind < 0.5:
            value = "".join(dice.choice(_PIECES) for _ in range(dice.randint(1, 2)))
            lines.append(" " * column + f"{key.strip()}: {value}")
        elif kind < 0.75:
            lines += [" " * column + f"{key.strip()}:", *_mapping(dice, depth + 1, column + 2)]
        else:
            begin = column + dice.choice([0, 2])
            lines.append(" " * column + f"{key.strip()}:")
            for _ in range(dice.randint(1, 3)):
                item = _mapping(dice, depth + 1, begin + 2)
                if dice.random() < 0.5:
                    item = [" " * begin + "  " + dice.choice(_PIECES)]
                lines += [" " * begin + "- " + item[0][begin + 2 :], *item[1:]]
    return lines
