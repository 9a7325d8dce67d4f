"""A renderer's output, or a file of plain manifests → Manifests."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import Built, Manifest, identify
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.objects import Unreadable, read_object

# The renderer sees the repository in a folder beside its own; origins are told from there.
TREE = "tidegate-tree"
ORIGIN = "config.kubernetes.io/origin"

_SEPARATOR = re.compile(r"^---(?:[ \t]+#.*|[ \t]*)(?:\r?\n|\r?\Z)", re.MULTILINE)
_ORIGIN_PATH = re.compile(r"^(?:path|configuredIn): (.+)$", re.MULTILINE)
_SOPS = "sops"
_UNREADABLE = 100
LISTS = ("List", "ConfigMapList", "SecretList", "ServiceList", "DeploymentList")


def read(built: Built) -> tuple[Manifest, ...]:
    """The objects of a rendering or of a plain file. Raises ConfigurationError."""
    return read_plain(built.overlay, built.text) if built.plain else _rendered(built)


def read_some(built: Built) -> tuple[tuple[Manifest, ...], tuple[Problem, ...]]:
    """The objects of a rendering, or those of a plain file that can be read, and what is wrong
    with the others. Raises ConfigurationError for a rendering that can't be read."""
    return _some(built.overlay, built.text) if built.plain else (_rendered(built), ())


def read_plain(file: str, text: str) -> tuple[Manifest, ...]:
    """The objects of a file of manifests, lists taken apart. Raises ConfigurationError with the
    line of each document that is none."""
    found, problems = _some(file, text)
    if problems:
        raise ConfigurationError(problems)
    return found


def _some(file: str, text: str) -> tuple[tuple[Manifest, ...], tuple[Problem, ...]]:
    found: list[Manifest] = []
    problems: list[Problem] = []
    for line, document in documents(text.removeprefix("\ufeff")):
        # Nothing, remarks alone, or directives such as `%YAML 1.1` before the first document.
        if all(map(_is_nothing, document.split("\n"))):
            continue
        try:
            items = list(_items(read_object(document)))
        except Unreadable as error:
            place = (file, line + error.line - 1, 1, "")
            problems.append(Problem(*place, f"can't be read: {error}"))
            if len(problems) < _UNREADABLE:
                continue
            message = f"nothing below is read, after {_UNREADABLE} documents that can't be"
            problems.append(Problem(*place, message))
            break
        found += [Manifest(identify(item), item, file) for item in items]
    return tuple(found), tuple(problems)


def _is_nothing(row: str) -> bool:
    return row.startswith("%") or row.lstrip()[:1] in ("", "#")


def documents(text: str) -> Iterator[tuple[int, str]]:
    """The documents with the lines on which they begin. A `---` in a block scalar is indented."""
    start, line = 0, 1
    for found in _SEPARATOR.finditer(text):
        yield line, text[start : found.start()]
        line += text.count("\n", start, found.end())
        start = found.end()
    yield line, text[start:]


def _rendered(built: Built) -> tuple[Manifest, ...]:
    found: list[Manifest] = []
    for _, document in documents(built.text):
        if not document.strip():
            continue
        try:
            data = read_object(document)
        except Unreadable as error:
            message = f"renders to something that can't be read: {error}"
            raise ConfigurationError([Problem.whole(built.overlay, message)]) from None
        origin = _take_origin(data, built.overlay)
        found.append(Manifest(identify(data), data, origin))
    return tuple(found)


def _items(data: dict[str, Any]) -> Iterator[dict[str, Any]]:
    items = data.get("items")
    if data.get("kind") in LISTS and isinstance(items, list):
        # What SOPS says of a list as a whole it says of each of its items.
        around = {_SOPS: data[_SOPS]} if _SOPS in data else {}
        for number, item in enumerate(items):
            if not isinstance(item, dict):
                raise Unreadable(f"items[{number}] of the list is no object")
            yield {**around, **item}
    else:
        yield data


def _take_origin(data: dict[str, Any], overlay: str) -> str | None:
    """The repository's file that an object came from; the annotation that says so goes, and the
    empty mapping that it would leave."""
    metadata = data.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, dict) else None
    if not isinstance(metadata, dict) or not isinstance(annotations, dict):
        return None
    origin = annotations.pop(ORIGIN, None)
    if not annotations:
        del metadata["annotations"]
    found = _ORIGIN_PATH.search(origin) if isinstance(origin, str) else None
    return _in_repository(found[1], overlay) if found else None


def _in_repository(origin: str, overlay: str) -> str | None:
    """An origin is told from the wrapper around a batch, or else from the overlay's own folder."""
    prefix = f"../{TREE}/"
    if origin.startswith(prefix):
        path = posixpath.normpath(origin.removeprefix(prefix))
    else:
        path = posixpath.normpath(posixpath.join(overlay, origin))
    outside = path in ("", ".", "..") or path.startswith(("../", "/"))
    return None if outside else path
