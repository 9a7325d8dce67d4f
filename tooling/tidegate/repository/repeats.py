"""Keys that stand twice in a patch. kustomize refuses them in resources; of a patch it takes one of
them, and says nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

import yaml
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from tidegate.errors import Problem
from tidegate.repository.nodes import EVENT_LIMIT, events
from tidegate.repository.objects import REPEATED
from tidegate.repository.plain_lines import read_lines
from tidegate.repository.yaml import Document

# Where a kustomization has patches of its own, by the field in lower case: below each entry, or as
# the entry itself.
_INLINE = {"patches": "patch", "patchesjson6902": "patch", "patchesstrategicmerge": None}
_BLOCK = re.compile(r"[|>][0-9+-]*[ \t]*(?:#.*)?$")


def find_repeats(file: str, text: str) -> list[Problem]:
    """A Problem for each key of a patch's file that its mapping has already."""
    return [_problem(file, *found) for found in _repeated(text)]


def find_inline_repeats(document: Document, data: bytes) -> list[Problem]:
    """The same for the patches that stand in a kustomization, whose text `data` is."""
    found = []
    patches = list(_inline(document))
    lines = data.decode("utf-8", "replace").splitlines() if patches else []
    for (line, column), patch in patches:
        block = line <= len(lines) and _BLOCK.search(lines[line - 1])
        for number, _, key in _repeated(patch):
            # A block begins below its mark; any other text is told where it begins.
            at = (line + number, 1) if block else (line, column)
            found.append(_problem(document.file, *at, key))
    return found


def _problem(file: str, line: int, column: int, key: str) -> Problem:
    message = f"{REPEATED}, and kustomize takes one of them without a word"
    return Problem(file, line, column, key, message, "each key once")


def _inline(document: Document) -> Iterator[tuple[tuple[int, int], str]]:
    for name, inner in document.data.items():
        if not isinstance(name, str) or name.lower() not in _INLINE:
            continue
        below = _INLINE[name.lower()]
        for number, entry in enumerate(inner if isinstance(inner, list) else ()):
            text = entry.get(below) if below and isinstance(entry, dict) else entry
            if isinstance(text, str) and "\n" in text:
                place = document.place((name, number, below) if below else (name, number))
                yield (place.line, place.column), text


def _repeated(text: str) -> Iterator[tuple[int, int, str]]:
    """Line, column and name of each such key, as far as the text is YAML."""
    if read_lines(text) is not None:  # nearly all are read there, and none that repeats a key
        return
    open_: list[set[str] | None] = []  # the keys of each mapping around, None for a list
    awaiting: list[bool] = []  # whether a key comes next
    try:
        for number, event in enumerate(events(text)):
            if number > EVENT_LIMIT:
                return
            if isinstance(event, NodeEvent) and open_ and (keys := open_[-1]) is not None:
                if awaiting[-1] and isinstance(event, ScalarEvent) and event.value != "<<":
                    mark = event.start_mark
                    if event.value in keys and mark:
                        yield mark.line + 1, mark.column + 1, event.value
                    keys.add(event.value)
                awaiting[-1] = not awaiting[-1]
            if isinstance(event, CollectionStartEvent):
                mapping = isinstance(event, MappingStartEvent)
                open_.append(set() if mapping else None)
                awaiting.append(mapping)
            elif isinstance(event, CollectionEndEvent):
                open_.pop()
                awaiting.pop()
    except yaml.YAMLError:
        return
