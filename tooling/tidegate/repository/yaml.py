"""YAML with places: every value knows its line and column, and hostile documents end in a Problem.

libyaml's own composer recurses in C, so that a document of a few thousand `[` ends the whole
process. Here the tree is built from libyaml's events, with a limit on depth; aliases, which are
how small documents become huge ones, are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from tidegate.domain.location import Location
from tidegate.errors import ConfigurationError, Problem

SIZE_LIMIT = 1024 * 1024
DEPTH_LIMIT = 64
EVENT_LIMIT = 50_000

KeyPath = tuple[str | int, ...]

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same answers
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

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


def problem(file: str, mark: Any, message: str, key: str = "", **more: str) -> Problem:
    """A Problem at one of PyYAML's marks."""
    return Problem(file, mark.line + 1, mark.column + 1, key, message, **more)


def require_size(file: str, size: int, limit: int = SIZE_LIMIT) -> None:
    """Raises ConfigurationError for a file of more than `limit` bytes."""
    if size > limit:
        large, most = f"{size / 1024 / 1024:.1f} MiB", f"{limit // 1024 // 1024} MiB"
        message = f"is {large} large; Tidegate reads at most {most}"
        raise ConfigurationError([Problem(file, 0, 0, "", message)])


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


def compose(file: str, text: str, elements: int = EVENT_LIMIT) -> Node | None:
    """The document's node tree, with PyYAML's marks; None for an empty document.

    A byte order mark must have been taken off. Raises ConfigurationError for what isn't YAML, for
    a second document, an alias, too much depth, and more than so many elements.
    """
    try:
        return _build(file, events(text), elements)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = f"is not valid YAML: {error.problem or error.context}"
        if mark is not None and text[mark.index : mark.index + 1] == "\t":
            message += " (YAML is indented with spaces, never with tabs)"
        if mark is None:
            raise ConfigurationError([Problem(file, 0, 0, "", message)]) from None
        raise ConfigurationError([problem(file, mark, message)]) from None
    except yaml.YAMLError as error:
        raise ConfigurationError([Problem(file, 0, 0, "", f"is not valid YAML: {error}")]) from None


def events(text: str) -> Iterator[Event]:
    """The parser's events, for what is read in another way than `compose`'s. Raises YAMLError
    where the text stops being YAML."""
    found: Iterator[Event] = yaml.parse(text, Loader=_Loader)
    return found


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


def _build(file: str, events: Iterator[Any], elements: int) -> Node | None:
    tree = _Tree()
    documents = 0
    for number, event in enumerate(events):
        if number > elements:
            message = f"has more than {elements:,} YAML elements"
            raise ConfigurationError([problem(file, event.start_mark, message)])
        # Not `isinstance`: this is the innermost loop of all reading, and no event is derived.
        kind = type(event)
        if kind is ScalarEvent:
            tree.add(_scalar(event))
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            if tree.depth >= DEPTH_LIMIT:
                message = f"is nested more than {DEPTH_LIMIT} levels deep"
                raise ConfigurationError([problem(file, event.start_mark, message)])
            tree.open(_collection(event))
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            tree.close(event.end_mark)
        elif kind is AliasEvent:
            message = f"uses the alias *{event.anchor}"
            raise ConfigurationError(
                [problem(file, event.start_mark, message, expected="the value itself")]
            )
        elif kind is DocumentStartEvent:
            documents += 1
            if documents > 1:
                message = "has more than one YAML document"
                raise ConfigurationError(
                    [problem(file, event.start_mark, message, expected="a single one")]
                )
    return tree.root


class _Tree:
    """Nodes put together from events, without recursion."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self._open: list[MappingNode | SequenceNode] = []
        self._keys: list[Node | None] = []  # of each open mapping, the key that awaits its value

    @property
    def depth(self) -> int:
        return len(self._open)

    def add(self, node: Node) -> None:
        if not self._open:
            self.root = node
            return
        parent = self._open[-1]
        if isinstance(parent, SequenceNode):
            parent.value.append(node)
        elif self._keys[-1] is None:
            self._keys[-1] = node
        else:
            parent.value.append((self._keys[-1], node))
            self._keys[-1] = None

    def open(self, node: MappingNode | SequenceNode) -> None:
        self.add(node)
        self._open.append(node)
        self._keys.append(None)

    def close(self, end: Any) -> None:
        self._open.pop().end_mark = end
        self._keys.pop()


_resolver: Any = yaml.resolver.Resolver()
_REMEMBERED = 64  # characters
_TEXT, _LIST, _MAP = (f"tag:yaml.org,2002:{kind}" for kind in ("str", "seq", "map"))


def _plain_tag(value: str) -> str:
    """The tag of a scalar without quotes."""
    tag: str = _resolver.resolve(ScalarNode, value, (True, False))
    return tag


_known_tag = lru_cache(maxsize=4096)(_plain_tag)


def _scalar(event: Any) -> ScalarNode:
    tag, value = event.tag, event.value
    if tag is None or tag == "!":
        # Most scalars are keys that come again and again; long ones aren't worth the memory.
        look_up = _known_tag if len(value) <= _REMEMBERED else _plain_tag
        tag = look_up(value) if event.implicit[0] else _TEXT
    # libyaml's marks are a type of their own; nodes take them all the same.
    return ScalarNode(tag, value, event.start_mark, event.end_mark, style=event.style)


def _collection(event: Any) -> MappingNode | SequenceNode:
    mapping = type(event) is MappingStartEvent
    kind, tag = (MappingNode, _MAP) if mapping else (SequenceNode, _LIST)
    if event.tag is not None and event.tag != "!":
        tag = event.tag
    return kind(tag, [], event.start_mark, event.end_mark, flow_style=event.flow_style)


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
