"""What one kustomization file refers to, field by field: found in its text alone, so that it may
be remembered by the text's id."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from tidegate.domain.image_entry import ImageEntry, image_entries
from tidegate.domain.patch_target import PatchTarget, patch_targets
from tidegate.errors import Problem
from tidegate.repository.yaml import Document, KeyPath, key_text

# What a reference may lead to: a folder with a kustomization, a file, either of them, a plugin's
# configuration; or something that is no path at all.
FOLDER, FILE, EITHER, PLUGIN = "folder", "file", "either", "plugin"
REMOTE, FUNCTION = "remote", "function"
# A chart's folder; where it isn't there, the second kind is fetched.
CHART, REMOTE_CHART = "chart", "remote chart"

_REMOTE = re.compile(r"://|^git::|^[\w.-]+@[\w.-]+:|\?ref=|^(?:www\.)?(?:github|gitlab)\.com[/:]")
_INLINE = re.compile(r"\n|:(?:\s|$)|^\s*[{\[]")
_ROLES = {
    "resources": EITHER,
    "bases": FOLDER,
    "components": FOLDER,
    "crds": FILE,
    "configurations": FILE,
    "patchesstrategicmerge": FILE,
    "generators": PLUGIN,
    "transformers": PLUGIN,
    "validators": PLUGIN,
}
_INLINE_KEYS = ("patchesstrategicmerge", "generators", "transformers", "validators")
_PATH_KEYS = ("patches", "patchesjson6902", "replacements")
_GENERATORS = ("configmapgenerator", "secretgenerator")
_HELM_KEYS = ("helmcharts", "helmchartinflationgenerator")
FUNCTION_MARK = "config.kubernetes.io/function"


class Reference(NamedTuple):
    """One entry of a kustomization, and where it stands in the file."""

    role: str
    entry: str
    key: str
    line: int
    column: int

    def problem(self, file: str, message: str, expected: str | None = None) -> Problem:
        """A Problem at this very entry of a file."""
        return Problem(file, self.line, self.column, self.key, message, expected)


class References(NamedTuple):
    """All that a kustomization says of others, what its own objects are called, the images that
    it sets, and the objects that it means to patch."""

    entries: tuple[Reference, ...]
    keys: tuple[str, ...]
    generated: tuple[str, ...]
    namespace: str | None
    images: tuple[ImageEntry, ...] = ()
    patches: tuple[PatchTarget, ...] = ()


def without_credentials(text: str) -> str:
    """A text in which an address may stand, without the name and password in it."""
    return re.sub(r"//[^/@\s]+@", "//…@", text)


def find_references(document: Document) -> References:
    """The references of a kustomization whose data is a mapping."""
    data: Mapping[str, Any] = document.data
    found = [entry for key, value in data.items() for entry in _field(document, key, value)]
    generated = [
        name
        for _, value in _values(data, *_GENERATORS)
        for _, item in _mappings((), value)
        for _, name in _values(item, "name")
        if isinstance(name, str)
    ]
    fields = {_folded(key): value for key, value in data.items()}
    namespace = fields.get("namespace")
    return References(
        tuple(found),
        tuple(fields),
        tuple(dict.fromkeys(generated)),
        namespace if isinstance(namespace, str) else None,
        tuple(_images(document, fields)),
        tuple(_patches(document, fields)),
    )


def is_patch(reference: Reference) -> bool:
    """Whether it is a patch's file, under any of the names that patches have had."""
    return reference.key.lower().startswith("patches")


def _images(document: Document, fields: Mapping[str, Any]) -> Iterator[ImageEntry]:
    key = next((key for key, _ in _values(document.data, "images")), "")
    for entry in image_entries(fields):
        line, column = _line(document, (key, entry.position))
        yield entry._replace(line=line, column=column)


def _patches(document: Document, fields: Mapping[str, Any]) -> Iterator[PatchTarget]:
    key = next((key for key in document.data if key.lower() == "patches"), "")
    for entry in patch_targets(fields):
        said = "name" if entry.name else "kind"
        line, column = _line(document, (key, entry.position, "target", said))
        yield entry._replace(line=line, column=column)


def _field(document: Document, key: str, value: Any) -> Iterator[Reference]:
    name, place = _folded(key), (key,)
    if name in _HELM_KEYS and value:
        yield from _charts(document, place, value)
    elif name in _ROLES:
        inline = name in _INLINE_KEYS
        yield from _each(document, place, value, _ROLES[name], inline=inline)
    elif name in _PATH_KEYS:
        for where, item in _mappings(place, value):
            yield from _files(document, where, item, "path")
    elif name in _GENERATORS:
        for where, item in _mappings(place, value):
            yield from _generator(document, where, item)
    elif name == "openapi" and isinstance(value, dict):
        yield from _files(document, place, value, "path")


def _files(
    document: Document, place: KeyPath, item: Mapping[str, Any], *names: str
) -> Iterator[Reference]:
    for key, value in _values(item, *names):
        yield from _each(document, (*place, key), value, FILE)


def _charts(document: Document, place: KeyPath, value: Any) -> Iterator[Reference]:
    """The folder of charts, which is there or filled from elsewhere, and files of values."""
    globals_ = [v for _, v in _values(document.data, "helmglobals") if isinstance(v, dict)]
    home = _first(globals_[0], "charthome") if globals_ else None
    items = list(_mappings(place, value)) or [(place, {})]
    for where, item in items:
        folder = _first(item, "charthome") or home or "charts"
        name = _first(item, "name", "chartname") or ""
        entry = f"{folder}/{name}" if isinstance(name, str) and name else str(folder)
        elsewhere = _first(item, "repo", "chartrepourl")
        role = CHART if not elsewhere else REMOTE_CHART
        yield Reference(role, entry, key_text(place), *_line(document, where))
        yield from _files(document, where, item, "valuesfile", "additionalvaluesfiles", "values")


def _line(document: Document, place: KeyPath) -> tuple[int, int]:
    where = document.place(place)
    return where.line, where.column


def _generator(document: Document, place: KeyPath, item: Mapping[str, Any]) -> Iterator[Reference]:
    for key, value in _values(item, "files", "envs", "env"):
        keyed = _folded(key) == "files"
        for where, entry in _strings((*place, key), value):
            # `files` may give the key that the contents are stored under: `key=path`.
            path = entry.partition("=")[2] if keyed and "=" in entry else entry
            yield _reference(document, where, path, FILE)


def _each(
    document: Document, place: KeyPath, value: Any, role: str, *, inline: bool = False
) -> Iterator[Reference]:
    for where, entry in _strings(place, value):
        if not (inline and _INLINE.search(entry)):
            yield _reference(document, where, entry, role)
        elif role == PLUGIN and FUNCTION_MARK in entry:
            yield _reference(document, where, "", FUNCTION)


def _reference(document: Document, place: KeyPath, entry: str, role: str) -> Reference:
    where = document.place(place)
    if entry and _REMOTE.search(entry):
        role = REMOTE
    return Reference(role, entry, key_text(place), where.line, where.column)


def _folded(key: str) -> str:
    """A field's name as Go compares it: in any case, where `ſ` is an s and the sign of Kelvin
    a k."""
    return key.casefold()


def _values(item: Mapping[str, Any], *names: str) -> Iterator[tuple[str, Any]]:
    """Every field that Go takes for one of these, with its name as it is written."""
    return ((key, value) for key, value in item.items() if _folded(key) in names)


def _first(item: Mapping[str, Any], *names: str) -> Any:
    return next((value for name in names for _, value in _values(item, name) if value), None)


def _mappings(place: KeyPath, value: Any) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (*place, index), item


def _strings(place: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
    """The strings of a list, or a single one. Other types are left for kustomize to refuse."""
    if isinstance(value, str):
        yield place, value
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str):
            yield (*place, index), item
