"""One document of any form → plain Python values, from libyaml's events.

They take half the time of PyYAML's constructor; and libyaml's own composer recurses in C, so that a
document of some thousand `[` would end the process.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from tidegate.repository.nodes import events
from tidegate.repository.objects import MISTAGGED, REPEATED, Unreadable
from tidegate.repository.scalars import key_of, resolve

DEPTH_LIMIT = 100
# So many values at most may come out of aliases: nine short lines can stand for billions.
ALIAS_LIMIT = 100_000

_MISSING = object()
_MERGE = object()


def parse_object(document: str) -> dict[str, Any]:
    """The object that a document holds. Raises Unreadable."""
    builder = _Builder()
    event: Event | None = None
    try:
        for event in events(document):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        said = f"{error.context}: {error.problem}" if error.context else error.problem
        raise Unreadable(str(said), _line(error, document)) from error
    except yaml.YAMLError as error:
        raise Unreadable(" ".join(str(error).split())) from error
    except ValueError as error:  # of `!!int x`
        raise Unreadable(f"a value {MISTAGGED} {error} says", _start(event)) from error
    except Unreadable as error:
        error.line = _start(event)
        raise
    if not isinstance(builder.root, dict):
        raise Unreadable("it has a document that is not an object")
    return builder.root


def _start(event: Event | None) -> int:
    mark = event.start_mark if event is not None else None
    return mark.line + 1 if mark is not None else 1


def _line(error: yaml.MarkedYAMLError, document: str) -> int:
    """The line of the mistake; of something that is never closed, the one where it was opened."""
    last = len(document.rstrip().split("\n"))
    marks = [mark.line + 1 for mark in (error.problem_mark, error.context_mark) if mark]
    return next((line for line in marks if line <= last), 1)


class _Open(NamedTuple):
    """A mapping or list whose end is yet to come."""

    value: Any
    anchor: str | None
    counted: int
    merged: list[Any]


class _Builder:
    def __init__(self) -> None:
        self.root: Any = None
        self._stack: list[_Open] = []
        self._keys: list[Any] = []
        self._anchors: dict[str, tuple[Any, int]] = {}  # what each stands for, and how many values
        self._counted = 0
        self._aliased = 0

    def take(self, event: Event) -> None:
        self._counted += 1
        if isinstance(event, ScalarEvent):
            value = event.value if event.implicit[1] else self._scalar(event)
            self._add(value)
            if event.anchor:
                self._anchors[event.anchor] = value, 1
        elif isinstance(event, CollectionEndEvent):
            self._close()
        elif isinstance(event, CollectionStartEvent):
            self._open({} if isinstance(event, MappingStartEvent) else [], event.anchor)
        elif isinstance(event, AliasEvent):
            self._add(self._alias(event.anchor or ""))
        elif isinstance(event, DocumentStartEvent) and self.root is not None:
            raise Unreadable("it has a second document that begins on the line of its `---`")

    def _open(self, value: Any, anchor: str | None) -> None:
        self._add(value)
        if len(self._stack) >= DEPTH_LIMIT:
            raise Unreadable(f"an object is nested more than {DEPTH_LIMIT} levels deep")
        self._stack.append(_Open(value, anchor, self._counted, []))
        self._keys.append(_MISSING)

    def _scalar(self, event: ScalarEvent) -> Any:
        if event.value == "<<" and self._keys and self._keys[-1] is _MISSING:
            return _MERGE if isinstance(self._stack[-1].value, dict) else event.value
        return resolve(event.value, event.tag)

    def _alias(self, anchor: str) -> Any:
        if any(around.anchor == anchor for around in self._stack):
            raise Unreadable(f"the alias *{anchor} stands within what it stands for")
        if anchor not in self._anchors:
            raise Unreadable(f"the alias *{anchor} stands for nothing")
        value, size = self._anchors[anchor]
        self._counted += size
        self._aliased += size
        if self._aliased > ALIAS_LIMIT:
            raise Unreadable(f"its aliases stand for more than {ALIAS_LIMIT:,} values")
        return value

    def _close(self) -> None:
        closed = self._stack.pop()
        self._keys.pop()
        for source in closed.merged:
            for one in source if isinstance(source, list) else [source]:
                for key, value in one.items() if isinstance(one, dict) else ():
                    closed.value.setdefault(key, value)
        if closed.anchor:
            self._anchors[closed.anchor] = closed.value, self._counted - closed.counted

    def _add(self, value: Any) -> None:
        if not self._stack:
            self.root = value
            return
        around, _, _, merged = self._stack[-1]
        if isinstance(around, list):
            around.append(value)
        elif self._keys[-1] is _MISSING:
            if isinstance(value, dict | list):
                raise Unreadable("a mapping has a key that is not plain text")
            key = value if value is _MERGE else key_of(value)
            if key is None:
                raise Unreadable("a mapping has the key null, which is no text")
            if key in around:
                raise Unreadable(f"the key {key!r} {REPEATED}")
            self._keys[-1] = key
        else:
            if self._keys[-1] is _MERGE:
                if not isinstance(value, dict | list):
                    raise Unreadable("a merge key `<<` has something that is not a mapping")
                merged.append(value)
            else:
                around[self._keys[-1]] = value
            self._keys[-1] = _MISSING
