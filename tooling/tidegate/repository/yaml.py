"""YAML with places: every value knows its line and column, and hostile documents end in a Problem.

The trees of nodes, which editing works on, come from `nodes`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml
from yaml.nodes import Node, ScalarNode, SequenceNode

from tidegate.domain.location import Location
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.nodes import EVENT_LIMIT, compose, problem

# Of what is written by hand, and of manifests and kustomizations, which may be made by programs.
SIZE_LIMIT = 1024 * 1024
FILE_SIZE_LIMIT = 4 * SIZE_LIMIT

KeyPath = tuple[str | int, ...]

# What YAML doesn't allow in a file: control characters, and two that are no characters.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]")
_BREAK = re.compile("\r\n|[\r\n\x85\u2028\u2029]")


@dataclass(frozen=True, slots=True)
class Document:
    """A file's data in plain Python types, and where each key path stands in it."""

    file: str
    data: Any
    places: Mapping[KeyPath, Location]

    def place(self, path: KeyPath) -> Location:
        """The place of a key path, or of the nearest thing around it."""
        while path not in self.places and path:
            path = path[:-1]
        return self.places.get(path, Location(self.file))

    def problem(
        self, path: KeyPath, message: str, expected: str | None = None, nearest: str | None = None
    ) -> Problem:
        """A Problem at a key path."""
        return self.place(path).problem(key_text(path), message, expected, nearest)


def require_size(file: str, size: int, limit: int = SIZE_LIMIT) -> None:
    """Raises ConfigurationError for a file of more than `limit` bytes."""
    if size > limit:
        large, most = f"{size / 1024 / 1024:.1f} MiB", f"{limit // 1024 // 1024} MiB"
        message = f"is {large} large; Tidegate reads at most {most}"
        raise ConfigurationError([Problem.whole(file, message)])


def decode(file: str, data: bytes, limit: int = SIZE_LIMIT) -> str:
    """The text of a file of at most `limit` bytes, its byte order mark included. Raises
    ConfigurationError."""
    require_size(file, len(data), limit)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line, column = _place(data[: error.start].decode("utf-8"))
        raise ConfigurationError(
            [Problem(file, line, column, "", "is not UTF-8 text", expected="UTF-8")]
        ) from None
    found = _FORBIDDEN.search(text)
    if found:
        line, column = _place(text[: found.start()])
        message = f"has a control character (U+{ord(found[0]):04X})"
        raise ConfigurationError([Problem(file, line, column, "", message)])
    return text


def is_readable(snapshot: Snapshot, path: str) -> bool:
    """Whether there is such a file, and no larger than what programs may have made."""
    return snapshot.is_file(path) and snapshot.entries[path].size <= FILE_SIZE_LIMIT


def text_at(snapshot: Snapshot, path: str) -> str | None:
    """The text of a file of a Snapshot; None where there is none, it is too large, or no text."""
    if not is_readable(snapshot, path):
        return None
    try:
        return decode(path, snapshot.read(path), FILE_SIZE_LIMIT)
    except ConfigurationError:
        return None


def load(file: str, data: bytes) -> Document:
    """Reads one document. Raises ConfigurationError, for duplicate keys too."""
    document, problems = read(file, data)
    if problems:
        raise ConfigurationError(problems)
    return document


def read(
    file: str, data: bytes, *, size: int = SIZE_LIMIT, elements: int = EVENT_LIMIT
) -> tuple[Document, list[Problem]]:
    """Reads what can be read of a document, with its duplicate keys and odd values told beside.

    Raises ConfigurationError for what isn't YAML at all, or larger than it may be.
    """
    node = compose(file, decode(file, data, size).removeprefix("\ufeff"), elements)
    places: dict[KeyPath, Location] = {(): Location(file, 1, 1)}
    problems: list[Problem] = []
    value = None if node is None else _value(file, node, (), places, problems)
    return Document(file, value, places), problems


def key_text(path: KeyPath) -> str:
    """A key path as people write it: `gates[0].metric`."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text


def _place(before: str) -> tuple[int, int]:
    """Line and column, from 1, of what follows `before`; a byte order mark has no column."""
    breaks = list(_BREAK.finditer(before))
    start = breaks[-1].end() if breaks else len(before) - len(before.removeprefix("\ufeff"))
    return len(breaks) + 1, len(before) - start + 1


def _value(
    file: str,
    node: Node,
    path: KeyPath,
    places: dict[KeyPath, Location],
    problems: list[Problem],
) -> Any:
    places.setdefault(path, Location(file, node.start_mark.line + 1, node.start_mark.column + 1))
    if isinstance(node, ScalarNode):
        return _plain(file, node, path, problems)
    if node.tag not in ("tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"):
        message = f"has the tag {node.tag}, which is not used here"
        problems.append(problem(file, node.start_mark, message, key_text(path)))
        return None
    if isinstance(node, SequenceNode):
        return [
            _value(file, item, (*path, index), places, problems)
            for index, item in enumerate(node.value)
        ]
    return _mapping(file, node, path, places, problems)


def _mapping(
    file: str,
    node: Node,
    path: KeyPath,
    places: dict[KeyPath, Location],
    problems: list[Problem],
) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in node.value:
        if not isinstance(key, ScalarNode):
            problems.append(problem(file, key.start_mark, "a key must be plain text"))
            continue
        here = (*path, key.value)
        if key.tag == "tag:yaml.org,2002:merge":
            message = "merge keys are not allowed here"
            problems.append(problem(file, key.start_mark, message, key_text(here)))
            continue
        if key.value in result:
            first = places[here]
            message = f"is a duplicate key; the first is on line {first.line}"
            problems.append(problem(file, key.start_mark, message, key_text(here)))
            continue
        places[here] = Location(file, key.start_mark.line + 1, key.start_mark.column + 1)
        result[key.value] = _value(file, value, here, places, problems)
    return result


def _plain(file: str, node: ScalarNode, path: KeyPath, problems: list[Problem]) -> Any:
    kind = node.tag.removeprefix("tag:yaml.org,2002:")
    text: str = node.value
    if kind in ("str", "timestamp", "value"):
        return text
    if kind == "null":
        return None
    try:
        if kind == "bool":
            return yaml.SafeLoader.bool_values[text.lower()]
        if kind == "int":
            # `0x1f` and `0o17` are numbers; `017` and `1:30` are read differently by every YAML.
            return int(text.replace("_", ""), 0)
        if kind == "float":
            lowered = text.lower().replace("_", "")
            return float(lowered.replace(".inf", "inf").replace(".nan", "nan"))
    except (KeyError, ValueError):
        pass
    message = f"has the tag or form {node.tag}, which is not used here"
    problems.append(problem(file, node.start_mark, message, key_text(path)))
    return None
