"""One document of kustomize's output → plain Python values, from libyaml's events.

Half the time of PyYAML's constructor; and libyaml's own composer recurses in C, so that a document
of some thousand `[` would end the process.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import yaml
from yaml.constructor import SafeConstructor
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)
from yaml.nodes import ScalarNode
from yaml.resolver import Resolver

try:
    from yaml import CSafeLoader as _Loader
except ImportError:  # PyYAML built without libyaml: slower, the same answers
    from yaml import SafeLoader as _Loader  # type: ignore[assignment]

DEPTH_LIMIT = 100

_TAG = "tag:yaml.org,2002:"
# kustomize prints a bare `=`, which has a tag of its own, and Kubernetes knows no timestamps.
_TEXT = tuple(_TAG + kind for kind in ("str", "timestamp", "value", "merge"))
_MISSING = object()


class Unreadable(Exception):
    """Output that isn't a list of objects; the message says why, and `line` on which of its lines,
    from 1."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


def read_object(document: str) -> dict[str, Any]:
    """The object that a document holds. Raises Unreadable."""
    builder = _Builder()
    try:
        for event in yaml.parse(document, Loader=_Loader):
            builder.take(event)
    except yaml.MarkedYAMLError as error:
        said = f"{error.context}: {error.problem}" if error.context else error.problem
        raise Unreadable(str(said), _line(error, document)) from error
    except (yaml.YAMLError, ValueError) as error:
        raise Unreadable(" ".join(str(error).split())) from error
    if not isinstance(builder.root, dict):
        raise Unreadable("it has a document that is not an object")
    return builder.root


def _line(error: yaml.MarkedYAMLError, document: str) -> int:
    """The line of the mistake; of something that is never closed, the one where it was opened."""
    last = len(document.rstrip().split("\n"))
    marks = [mark.line + 1 for mark in (error.problem_mark, error.context_mark) if mark]
    return next((line for line in marks if line <= last), 1)


class _Builder:
    def __init__(self) -> None:
        self.root: Any = None
        self._stack: list[Any] = []
        self._keys: list[Any] = []
        self._anchors: dict[str, Any] = {}

    def take(self, event: Event) -> None:
        if isinstance(event, ScalarEvent):
            value = event.value if event.implicit[1] else _scalar(event.tag, event.value)
        elif isinstance(event, CollectionStartEvent):
            value = {} if isinstance(event, MappingStartEvent) else []
        elif isinstance(event, CollectionEndEvent):
            self._stack.pop()
            self._keys.pop()
            return
        elif isinstance(event, AliasEvent):
            self._add(self._anchors.get(event.anchor or ""))
            return
        else:
            return
        self._add(value)
        if event.anchor:
            self._anchors[event.anchor] = value
        if isinstance(event, CollectionStartEvent):
            if len(self._stack) >= DEPTH_LIMIT:
                raise Unreadable(f"an object is nested more than {DEPTH_LIMIT} levels deep")
            self._stack.append(value)
            self._keys.append(_MISSING)

    def _add(self, value: Any) -> None:
        if not self._stack:
            self.root = value
            return
        around = self._stack[-1]
        if isinstance(around, list):
            around.append(value)
        elif self._keys[-1] is _MISSING:
            if isinstance(value, dict | list):
                raise Unreadable("a mapping has a key that is not plain text")
            self._keys[-1] = value
        else:
            around[self._keys[-1]] = value
            self._keys[-1] = _MISSING


_resolver = Resolver()


@lru_cache(maxsize=4096)
def _scalar(tag: str | None, text: str) -> Any:
    """A plain scalar's value, or a tagged one's."""
    if tag in (None, "!"):
        tag = _resolver.resolve(ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]
    if tag in _TEXT:
        return text
    return SafeConstructor().construct_object(ScalarNode(tag, text))
