"""Mistakes that a renderer tells in words of its own trade, told as people would."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem
from tidegate.repository.links import reachable
from tidegate.repository.references import Reference, find_references
from tidegate.repository.yaml import Document, text_at

_OUTSIDE = re.compile(r"security; file '([^']+)' is not in or below '([^']*)'")
_PLUGIN = re.compile(r"unable to load external plugin '([^']+)'")
_UNKNOWN = re.compile(r'json: unknown field "([^"]+)"')
_EMPTY = re.compile(r"(?:^|: )kustomization\.yaml is empty$")
_REGISTERED = "already registered id"
OUTSIDE = "lies outside the kustomization's own folder"
_LISTS = ("resources", "bases")
_PLUGIN_KEYS = ("generators", "transformers", "validators")


def name_fault(snapshot: Snapshot, document: Document, message: str) -> Problem | None:
    """The Problem that a message tells of, where it is one of those, in a kustomization or in a
    file that it reads; None for any other."""
    if _EMPTY.search(message):
        text = "lists nothing, which kustomize refuses to render"
        return Problem(document.file, 1, 1, "", text, "an entry under `resources`")
    directory = document.file.rpartition("/")[0]
    entries = find_references(document).entries
    outside = _OUTSIDE.search(message)
    if outside:
        for entry in entries:
            if reachable(directory, entry.entry) == outside[1]:
                text = f"{entry.entry!r} {OUTSIDE}"
                return entry.problem(document.file, text, "a file below it, or a folder to include")
    plugin = _PLUGIN.search(message)
    if plugin:
        for entry in entries:
            if entry.key.startswith(_PLUGIN_KEYS):
                text = f"the plugin {plugin[1]!r} isn't run"
                allowed = "`render: {plugins: true}` in tidegate.yaml, and the plugin installed"
                return entry.problem(document.file, text, allowed)
    twice = _listed_twice(document, entries) if _REGISTERED in message else None
    if twice is not None:
        return twice
    unknown = _UNKNOWN.search(message)
    return _unknown_key(snapshot, directory, entries, unknown[1]) if unknown else None


def _listed_twice(document: Document, entries: tuple[Reference, ...]) -> Problem | None:
    """The second entry for one file or folder. The renderer tells of an object that is there
    already, on the first entry as on any other."""
    directory = document.file.rpartition("/")[0]
    first: dict[str, Reference] = {}
    for entry in entries:
        path = reachable(directory, entry.entry) if entry.key.startswith(_LISTS) else None
        if path is None:
            continue
        if path in first:
            text = f"{entry.entry!r} is listed twice; the first is on line {first[path].line}"
            return entry.problem(document.file, text, "each file and folder once")
        first[path] = entry
    return None


def _unknown_key(
    snapshot: Snapshot, directory: str, entries: tuple[Reference, ...], key: str
) -> Problem | None:
    """The first line with the key in a file of `configurations`, which the renderer reads as
    strictly as the kustomization, and doesn't name."""
    wanted = re.compile(rf"[\s{{,-]*[\"']?{re.escape(key)}[\"']?\s*:")
    for file, line, row in _configured(snapshot, directory, entries):
        if wanted.match(row):
            column = len(row) - len(row.lstrip(" -")) + 1
            return Problem(file, line, column, "", f"{key!r} is no field of kustomize's here")
    return None


def _configured(
    snapshot: Snapshot, directory: str, entries: tuple[Reference, ...]
) -> Iterator[tuple[str, int, str]]:
    for entry in entries:
        file = reachable(directory, entry.entry) if entry.key.startswith("configurations") else ""
        text = text_at(snapshot, file) if file else None
        if file and text:
            for number, row in enumerate(text.split("\n"), 1):
                yield file, number, row[:1000]
