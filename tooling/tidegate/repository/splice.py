"""Edits of YAML text at the very spans of its scalars; every other character stays."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from yaml.nodes import MappingNode, Node, ScalarNode

from tidegate.errors import Problem
from tidegate.repository.nodes import problem
from tidegate.repository.yaml import KeyPath, key_text

_STRING = "tag:yaml.org,2002:str"
_NULL = "tag:yaml.org,2002:null"
_MERGE = "tag:yaml.org,2002:merge"
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
_AMBIGUOUS = re.compile(r"[-+]?[0-9_]*\.?[0-9_]*([eE][-+]?[0-9]+)?|0[xob][0-9a-fA-F_]+|[yYnN]")
_COLON = re.compile(r"\s*:")
_BLOCK_KEY = re.compile(r"[ \t-]*")


@dataclass(frozen=True, slots=True)
class Splice:
    """Text to put in place of the characters from `start` up to `end`."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A key of a mapping with its value; `path` is the key's path in the document."""

    key: ScalarNode
    value: Node
    path: KeyPath

    def problem(self, file: str, message: str, **more: str) -> Problem:
        """A Problem at the value, or at the key where the value is empty."""
        empty = _start(self.value) == _end(self.value)
        mark = self.key.start_mark if empty else self.value.start_mark
        return problem(file, mark, message, key_text(self.path), **more)


def spliced(text: str, splices: Iterable[Splice]) -> str:
    """The text with all splices done. They must not overlap."""
    parts: list[str] = []
    done = 0
    for splice in sorted(splices, key=lambda splice: (splice.start, splice.end)):
        parts += (text[done : splice.start], splice.text)
        done = splice.end
    return "".join((*parts, text[done:]))


def pairs(
    file: str, node: MappingNode, path: KeyPath, problems: list[Problem]
) -> Mapping[str, Pair]:
    """A mapping's pairs by key. Duplicate keys, merge keys and keys that aren't text are
    problems."""
    found: dict[str, Pair] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            problems.append(
                problem(file, key.start_mark, "a key must be plain text", key_text(path))
            )
            continue
        here = (*path, key.value)
        if key.tag == _MERGE:
            message = "is a merge key, which Tidegate can't edit"
            problems.append(
                problem(
                    file, key.start_mark, message, key_text(here), expected="the keys themselves"
                )
            )
        elif key.value in found:
            first = found[key.value].key.start_mark.line + 1
            message = f"is a duplicate key; the first is on line {first}"
            problems.append(problem(file, key.start_mark, message, key_text(here)))
        else:
            found[key.value] = Pair(key, value, here)
    return found


def scalar_text(file: str, text: str, pair: Pair, problems: list[Problem]) -> str | None:
    """The text of a pair's value as written, `1.30` included; None where it is null or empty.

    What can't be replaced at its span is a problem.
    """
    value = pair.value
    if not isinstance(value, ScalarNode):
        kind = "a mapping" if isinstance(value, MappingNode) else "a list"
        problems.append(pair.problem(file, f"is {kind}", expected="text"))
    elif text[_start(value) : _start(value) + 1] in ("&", "!") and _start(value) < _end(value):
        problems.append(pair.problem(file, "has an anchor or a tag", expected="the bare value"))
    elif value.style in ("|", ">"):
        problems.append(pair.problem(file, "is a block scalar", expected="text on one line"))
    elif value.start_mark.line != value.end_mark.line and _start(value) < _end(value):
        problems.append(pair.problem(file, "spans several lines", expected="text on one line"))
    elif value.tag != _NULL:
        return value.value or None
    return None


def is_string(pair: Pair) -> bool:
    """Whether every YAML reader takes the value for a string, not only this one: `1e3` and `0o7`
    are numbers in YAML 1.2, `y` is true in YAML 1.1."""
    value = pair.value
    if not isinstance(value, ScalarNode) or value.tag != _STRING:
        return False
    return value.style in ("'", '"') or not _AMBIGUOUS.fullmatch(value.value)


def is_null(node: Node) -> bool:
    """Whether the value is null: `~`, `null`, or nothing at all."""
    return node.tag == _NULL


def replacement(text: str, pair: Pair, value: str) -> Splice | None:
    """The splice that makes a scalar `value`, quoted as it was or doubly; None where there is no
    safe place for it. `value` must need no escapes."""
    start, end = _start(pair.value), _end(pair.value)
    if start < end:
        quote = text[start] if text[start] in "'\"" else '"'
        return Splice(start, end, f"{quote}{value}{quote}")
    after = _end(pair.key)
    colon = _COLON.match(text, after)
    if colon:
        return Splice(colon.end(), colon.end(), f' "{value}"')
    return None


def insertion(
    text: str, entry: MappingNode, sibling: Pair, new: Mapping[str, str]
) -> Splice | None:
    """The splice that puts new keys behind a sibling, in its style; None where that isn't safe.

    The sibling's value must be a scalar on one line, and not empty.
    """
    if entry.flow_style:
        if entry.start_mark.index == sibling.key.start_mark.index:
            return None  # `[name: x]`, a pair without braces
        quote = text[_start(sibling.key)]
        quote = quote if quote in "'\"" else ""
        more = "".join(f', {quote}{key}{quote}: "{value}"' for key, value in new.items())
        return Splice(_end(sibling.value), _end(sibling.value), more)
    column = sibling.key.start_mark.column
    if not _BLOCK_KEY.fullmatch(text, _start(sibling.key) - column, _start(sibling.key)):
        return None  # `? name`, whose siblings don't stand in its column
    following = _BREAK.search(text, _end(sibling.value))
    place = following.start() if following else len(text)
    newline = following[0] if following else _last_break(text)
    newline = newline if newline in ("\n", "\r\n", "\r") else "\n"
    lines = (f'{newline}{" " * column}{key}: "{value}"' for key, value in new.items())
    return Splice(place, place, "".join(lines))


def is_empty(pair: Pair) -> bool:
    """Whether nothing at all is written as the value."""
    return _start(pair.value) == _end(pair.value)


def _last_break(text: str) -> str:
    breaks = _BREAK.findall(text)
    return breaks[-1] if breaks else "\n"


def _start(node: Node) -> int:
    index: int = node.start_mark.index
    return index


def _end(node: Node) -> int:
    index: int = node.end_mark.index
    return index
