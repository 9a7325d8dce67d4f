"""Which entry of a kustomization, or which line of a patch, a renderer's message tells of."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import yaml

from tidegate.domain.snapshot import Snapshot
from tidegate.repository.links import reachable
from tidegate.repository.nodes import events
from tidegate.repository.references import find_references
from tidegate.repository.yaml import Document, KeyPath, key_text, text_at


class Place(NamedTuple):
    """A place in a file, with its key where it has one."""

    file: str
    line: int
    column: int
    key: str = ""


_Finder = Callable[[Snapshot, Document, re.Match[str]], Place | None]
_JSON: dict[str, type | tuple[type, ...]] = {
    "number": (int, float),
    "string": str,
    "bool": bool,
    "object": dict,
    "array": list,
}
# Fields of a kustomization whose names others use inside of theirs.
_TOP = frozenset({"apiVersion", "kind", "metadata", "namespace", "labels", "images", "replicas"})
# Parts of a generator that stand in no file.
_EMBEDDED = ("generatorargs", "kvpairsources")
_PATCHES = ("patches", "patchesstrategicmerge", "patchesjson6902")


def find_place(snapshot: Snapshot, document: Document, message: str) -> Place | None:
    """The place that a message about a kustomization leads to; None where it leads to none."""
    for pattern, find in _FINDERS:
        found = pattern.search(message)
        place = find(snapshot, document, found) if found else None
        if place is not None:
            return place
    return None


def _of_type(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """The first value of a type that its field doesn't have, as `Image.images.newTag`, or one in
    that field."""
    type_ = _JSON.get(said[1])
    steps = [step for step in said[2].lower().split(".")[1:] if step not in _EMBEDDED]
    for path in document.places:
        names = [str(step).lower() for step in path if isinstance(step, str)]
        value = _reach(document.data, path)
        plain = said[1] == "bool" or not isinstance(value, bool)
        if path and type_ and names[: len(steps)] == steps and isinstance(value, type_) and plain:
            return _at(document, path)
    return None


def _named(field: str, key: str, group: int = 1) -> _Finder:
    """The entry of a list by what one of its keys says."""

    def find(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
        items = document.data.get(field)
        for index, item in enumerate(items if isinstance(items, list) else ()):
            if isinstance(item, dict) and item.get(key) == said[group]:
                return _at(document, (field, index, key))
        return None

    return find


def _key(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """A key, however deep it stands."""
    paths = (path for path in document.places if path and path[-1] == said[1])
    found = next(paths, None)
    return _at(document, found) if found is not None else None


def _unknown(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """A key that isn't known where it stands: below the top, if the top may have it."""
    for path in document.places:
        if path and path[-1] == said[1] and (len(path) > 1 or said[1] not in _TOP):
            return _at(document, path)
    return None


def _value(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """An entry of a list of texts."""
    for path in document.places:
        if path and isinstance(path[-1], int) and _reach(document.data, path) == said[1]:
            return _at(document, path)
    return None


def _said(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """Whatever has the value."""
    paths = (path for path in document.places if _reach(document.data, path) == said[1])
    found = next(paths, None)
    return _at(document, found) if found is not None else None


def _source(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """The name of what a replacement is taken from."""
    for path in document.places:
        if path[-2:] == ("source", "name") and _reach(document.data, path) == said[1]:
            return _at(document, path)
    return None


def _generator(snapshot: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """The entry that makes a ConfigMap or a Secret."""
    field = "secretGenerator" if said[1] == "Secret" else "configMapGenerator"
    return _named(field, "name", 2)(snapshot, document, said)


def _inline(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """The patch in the kustomization that can't be read, at the line where it stops being YAML."""
    for path in document.places:
        text = _reach(document.data, path)
        if path[:1] == ("patches",) and path[-1] == "patch" and isinstance(text, str):
            where = _at(document, path)
            try:
                list(events(text))
            except yaml.MarkedYAMLError as error:
                mark = error.problem_mark or error.context_mark
                # The text of a block begins below its key.
                below = mark.line + 1 if mark and "\n" in text else 0
                return where._replace(line=where.line + below)
            if json.dumps(text, ensure_ascii=False) == said[1]:
                return where
    return None


def _component(_: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    directory = document.file.rpartition("/")[0]
    for entry in find_references(document).entries:
        if entry.key.startswith("components") and reachable(directory, entry.entry) == said[1]:
            return Place(document.file, entry.line, entry.column, entry.key)
    return None


def _row(key: str) -> _Finder:
    """The first line of a patch, in its file or in the kustomization, that says so of a key."""

    def find(snapshot: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
        row = re.compile(
            rf"(?:.*[{{,])?[\s\"'-]*{key}[\"']?\s*:\s*[\"']?{re.escape(said[1])}(?![\w/.-])"
        )
        return _first(snapshot, document, row)

    return find


def _patch(snapshot: Snapshot, document: Document, said: re.Match[str]) -> Place | None:
    """The kind or name, of an object that is nowhere, in the patch that is meant for it."""
    kind, name = said[1].partition(".")[0], said[2]
    row = re.compile(rf"\s*(?:metadata:\s*\{{\s*)?name\s*:\s*[\"']?{re.escape(name)}(?![\w.-])")
    wanted = re.compile(rf"\bkind\s*:\s*[\"']?{re.escape(kind)}\b")
    return _first(snapshot, document, row, wanted)


_FINDERS: tuple[tuple[re.Pattern[str], _Finder], ...] = (
    (re.compile(r"cannot unmarshal (\w+) into Go struct field ([\w.]+) of type"), _of_type),
    (re.compile(r"resource with name (\S+) does not match a config"), _named("replicas", "name")),
    (re.compile(r'unknown field "([^"]+)"'), _unknown),
    (re.compile(r"^(kind) should be ", re.MULTILINE), _key),
    (re.compile(r"^(apiVersion) for \S+ should be ", re.MULTILINE), _key),
    (re.compile(r"invalid literal source (.+), expected key=value"), _value),
    (re.compile(r"expected kind 'Component' for path '([^']+)'"), _component),
    (re.compile(r'missing path: "?([^"\s]+?)"?:? '), _row("path")),
    (re.compile(r"Unexpected kind: (\S+)"), _row("op")),
    (re.compile(r"error in \w+ for path: '([^']+)'"), _row("path")),
    (re.compile(r"^testing value (\S+) failed"), _row("path")),
    (re.compile(r'unable to find(?: or create)? field "([^"]+)" in replacement target'), _value),
    (re.compile(r"fieldPath `([^`]+)` is missing for replacement source"), _said),
    (re.compile(r"nothing selected by [^/]*/([^.]+)\."), _source),
    (re.compile(r"error parsing regexp: .*`\^\(\?:(.+)\)\$`"), _said),
    (re.compile(r'merging from generator .*Kind:"(\w+)".*Name:"([^"]+)"'), _generator),
    (re.compile(r"unable to parse SM or JSON patch from \[patch: (.+)\]", re.DOTALL), _inline),
    (re.compile(r'strategic merge patch "([^"/]+)/([^".]+)\.'), _patch),
)


def _first(
    snapshot: Snapshot,
    document: Document,
    row: re.Pattern[str],
    wanted: re.Pattern[str] | None = None,
) -> Place | None:
    for file, text in _texts(snapshot, document):
        if wanted is None or wanted.search(text):
            for number, line in enumerate(text.split("\n"), 1):
                if row.match(line[:1000]):
                    return Place(file, number, len(line) - len(line.lstrip(" -")) + 1)
    return None


def _texts(snapshot: Snapshot, document: Document) -> Iterator[tuple[str, str]]:
    """The patches' files, and the kustomization, which may hold some."""
    directory = document.file.rpartition("/")[0]
    files = [
        file
        for entry in find_references(document).entries
        if entry.key.lower().startswith(_PATCHES) and (file := reachable(directory, entry.entry))
    ]
    for file in (*files, document.file):
        text = text_at(snapshot, file)
        if text is not None:
            yield file, text


def _at(document: Document, path: KeyPath) -> Place:
    where = document.place(path)
    return Place(where.file, where.line, where.column, key_text(path))


def _reach(data: Any, path: KeyPath) -> Any:
    try:
        for step in path:
            data = data[step]
    except (KeyError, IndexError, TypeError):  # what is merged in stands elsewhere
        return None
    return data
