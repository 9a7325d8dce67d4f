"""YAML as it stands in a file: several documents, aliases followed, every node with its place.

An alias is the very node that its anchor names, so that a small file stays small; a node may hold
itself. Whoever walks here follows a path, or counts steps.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
)

from tidegate.repository.nodes import events
from tidegate.repository.scalars import key_of, resolve

EVENT_LIMIT = 500_000
DEPTH_LIMIT = 200
_MERGES = 50
_ODD = re.compile(r"true|false|[-+]?[0-9.].*")
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})


@dataclass(slots=True, eq=False)
class Scalar:
    """`style` is None for plain text, or the quote or block mark; `end` the last line."""

    line: int
    column: int
    text: str
    style: str | None
    end: int

    @property
    def null(self) -> bool:
        """Whether this is YAML's null."""
        return self.style is None and self.text in _NULLS

    @property
    def becomes(self) -> str | None:
        """The key that kubectl makes of it; None where it makes none."""
        return self.text if self.style else key_of(resolve(self.text))


@dataclass(slots=True, eq=False)
class Sequence:
    """A list; `keyed` is for whoever looks for items by what they hold."""

    line: int
    column: int
    items: list[Node] = field(default_factory=list)
    keyed: dict[str, dict[str, list[int]]] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Mapping:
    """A mapping, with the keys of `<<` behind its own."""

    line: int
    column: int
    pairs: list[tuple[Node, Node]] = field(default_factory=list)
    _index: dict[str, tuple[Node, Node]] | None = None
    _merged: tuple[Mapping, ...] = ()

    def pair(self, name: str) -> tuple[Node, Node] | None:
        """The key's node and its value's."""
        queue, seen = [self], 0
        while queue and seen < _MERGES:
            here = queue.pop(0)
            seen += 1
            found = here.own().get(name) or here.odd(name)
            if found is not None:
                return found
            queue.extend(here._merged)
        return None

    def odd(self, name: str) -> tuple[Node, Node] | None:
        """The pair that stands here with a key that isn't text to kubectl, as `on` and 1 aren't,
        by what becomes of that; kustomize keeps the one that is written."""
        if not _ODD.fullmatch(name):
            return None
        pairs = ((key, value) for key, value in self.pairs if isinstance(key, Scalar))
        return next((pair for pair in pairs if pair[0].becomes == name), None)

    def get(self, name: str) -> Node | None:
        """The key's value."""
        found = self.pair(name)
        return found[1] if found else None

    def field(self, name: str) -> tuple[Node, Node] | None:
        """A pair as kustomize reads its own fields: in any case of letters."""
        found = self.pair(name)
        if found is None:
            lower = name.lower()
            found = next((p for key, p in self.own().items() if key.lower() == lower), None)
        return found

    def value(self, name: str) -> Node | None:
        """The value of such a field."""
        found = self.field(name)
        return found[1] if found else None

    def names(self) -> set[str]:
        """All keys."""
        queue, names, seen = [self], set[str](), 0
        while queue and seen < _MERGES:
            here = queue.pop(0)
            seen += 1
            names.update(here.own())
            queue.extend(here._merged)
        return names

    def own(self) -> dict[str, tuple[Node, Node]]:
        """The pairs that stand here, by name; the last of two with one name."""
        if self._index is None:
            self._index = {}
            merged: list[Mapping] = []
            for key, value in self.pairs:
                if not isinstance(key, Scalar):
                    continue
                if key.text == "<<" and key.style is None:
                    many = value.items if isinstance(value, Sequence) else [value]
                    merged += [one for one in many[:_MERGES] if isinstance(one, Mapping)]
                else:
                    self._index[key.text] = (key, value)
            self._merged = tuple(merged)
        return self._index


Node = Scalar | Sequence | Mapping


@dataclass(frozen=True, slots=True)
class Frame:
    """Where a text stands in its file: its first line and column there, or the place where each
    of its `lines` begins."""

    line: int = 1
    column: int = 1
    lines: tuple[tuple[int, int], ...] = ()

    def place(self, line: int, column: int) -> tuple[int, int]:
        """Line and column of a mark, which count from 0."""
        if not self.lines:
            return self.line + line, self.column + column
        here, first = self.lines[min(line, len(self.lines) - 1)]
        return here, max(1, first + column)


def parse(text: str, frame: Frame | None = None) -> tuple[Node, ...]:
    """Each document's root, as far as the text is YAML and within bounds."""
    builder = _Builder(frame or Frame())
    try:
        for number, event in enumerate(events(text)):
            if number > EVENT_LIMIT or not builder.take(event):
                break
    except (yaml.YAMLError, UnicodeError):
        pass  # what came before it is there
    return tuple(builder.roots)


class _Builder:
    """Nodes put together from events, without recursion."""

    def __init__(self, frame: Frame) -> None:
        self.roots: list[Node] = []
        self._place = frame.place
        self._open: list[Mapping | Sequence] = []
        self._keys: list[Node | None] = []  # of each open mapping, the key that awaits its value
        self._anchors: dict[str, Node] = {}

    def take(self, event: Event) -> bool:
        """Adds what the event says; False where the text goes too deep."""
        if isinstance(event, ScalarEvent):
            self._scalar(event)
        elif isinstance(event, CollectionStartEvent):
            if len(self._open) >= DEPTH_LIMIT:
                return False
            line, column = self._start(event)
            mapping = isinstance(event, MappingStartEvent)
            node = Mapping(line, column) if mapping else Sequence(line, column)
            self._add(node, event.anchor)
            self._open.append(node)
            self._keys.append(None)
        elif isinstance(event, MappingEndEvent | SequenceEndEvent):
            self._open.pop()
            self._keys.pop()
        elif isinstance(event, AliasEvent):
            line, column = self._start(event)
            unknown = Scalar(line, column, "", None, line)
            self._add(self._anchors.get(event.anchor or "", unknown), None)
        elif isinstance(event, DocumentStartEvent):
            self._anchors.clear()
        return True

    def _scalar(self, event: ScalarEvent) -> None:
        line, column = self._start(event)
        last: Any = event.end_mark
        end, _ = self._place(last.line, last.column)
        style = event.style if event.style in ("'", '"', "|", ">") else None
        self._add(Scalar(line, column, event.value, style, end), event.anchor)

    def _start(self, event: Event) -> tuple[int, int]:
        mark: Any = event.start_mark  # every event of a parser has one
        return self._place(mark.line, mark.column)

    def _add(self, node: Node, anchor: str | None) -> None:
        if anchor:
            self._anchors[anchor] = node
        if not self._open:
            self.roots.append(node)
            return
        parent = self._open[-1]
        if isinstance(parent, Sequence):
            parent.items.append(node)
        elif self._keys[-1] is None:
            if not parent.pairs and node.line > parent.line:  # what began was its anchor
                parent.line, parent.column = node.line, node.column
            self._keys[-1] = node
        else:
            parent.pairs.append((self._keys[-1], node))
            self._keys[-1] = None


def items(node: Node | None) -> Iterator[Node]:
    """A list's items; nothing of anything else."""
    yield from node.items if isinstance(node, Sequence) else ()


def mappings(node: Node | None) -> Iterator[Mapping]:
    """Those of a list's items that are mappings."""
    yield from (item for item in items(node) if isinstance(item, Mapping))


def text_of(node: Node | None) -> str | None:
    """A scalar's text, null's left out."""
    return node.text if isinstance(node, Scalar) and not node.null else None
