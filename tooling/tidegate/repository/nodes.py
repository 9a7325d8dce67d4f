"""Node trees of YAML, with PyYAML's marks: what hostile documents would do, ends in a Problem.

libyaml's own composer recurses in C, so that a document of a few thousand `[` ends the whole
process. Here the tree is built from libyaml's events, with a limit on depth; aliases, which are
how small documents become huge ones, are refused.
"""

from __future__ import annotations

from collections.abc import Iterator
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

from tidegate.errors import ConfigurationError, Problem

DEPTH_LIMIT = 64
EVENT_LIMIT = 50_000

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same answers
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]


def problem(file: str, mark: Any, message: str, key: str = "", **more: str) -> Problem:
    """A Problem at one of PyYAML's marks."""
    return Problem(file, mark.line + 1, mark.column + 1, key, message, **more)


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
            raise ConfigurationError([Problem.whole(file, message)]) from None
        raise ConfigurationError([problem(file, mark, message)]) from None
    except yaml.YAMLError as error:
        raise ConfigurationError([Problem.whole(file, f"is not valid YAML: {error}")]) from None


def events(text: str | bytes) -> Iterator[Event]:
    """The parser's events, for what is read in another way than `compose`'s. Raises YAMLError
    where the text stops being YAML, and UnicodeDecodeError for bytes that are none."""
    found: Iterator[Event] = yaml.parse(text, Loader=_Loader)
    return found


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
