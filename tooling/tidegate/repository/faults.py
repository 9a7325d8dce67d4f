"""Where the mistake lies that a renderer's message tells of: as near as its words lead."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import yaml

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.closure import closure
from tidegate.repository.fault_places import find_place
from tidegate.repository.incomplete import incomplete_object
from tidegate.repository.layout import kustomization_files
from tidegate.repository.links import reachable
from tidegate.repository.named_faults import name_fault
from tidegate.repository.nodes import events
from tidegate.repository.number_keys import NUMBER_KEY, number_key
from tidegate.repository.objects import MISTAGGED, REPEATED
from tidegate.repository.references import find_references
from tidegate.repository.rendered import read_plain
from tidegate.repository.yaml import Document, KeyPath, is_readable, key_text, load, text_at

_FIELD = re.compile(r'unknown field "([^"]+)"|struct field Kustomization\.([\w-]+)')
_YAML = re.compile(r"yaml: |YAML|unable to parse SM or JSON patch")
# Go's log says when, which is not the same twice.
_CLOCK = re.compile(r"^[0-9]{4}/[0-9]{2}/[0-9]{2} [0-9:]{8} ", re.MULTILINE)
# What it warned of before it failed.
_WARNED = re.compile(r"\A.*\nError: ", re.DOTALL)
_TWICE = re.compile(r"accumulating resources: (?=accumulating resources)")
_ID = r'id resid\.ResId\{.*?Kind:"(\w+)".*?Name:"([^"]+)".*?\}'
_PLAINLY = (
    (
        re.compile(rf"merging from generator &\{{.*?\}}: {_ID} exists; can not use behavior: .*"),
        r"there is a \1 '\2' already; expected behavior: merge or replace",
    ),
    (
        re.compile(rf"merging from generator &\{{.*?\}}: {_ID} does not exist; .*"),
        r"there is no \1 '\2' to merge with or to replace",
    ),
    (
        re.compile(r"^nothing selected by (\w+)\.[^/]*/([^.:]+)\.[^:]*:(.+)"),
        r"there is no \1 '\2' to take \3 from",
    ),
    (
        re.compile(r"unable to parse SM or JSON patch from \[.*", re.DOTALL),
        "the patch can't be read; expected part of an object, or a list of operations",
    ),
    (
        re.compile(r"^Unexpected kind: (\S+)"),
        r"'\1' is no operation; expected add, remove, replace, move, copy or test",
    ),
    (
        re.compile(
            r'no resource matches strategic merge patch "([^".]+)[^"/]*/([^".]+)\..*', re.DOTALL
        ),
        r"there is no \1 '\2' of this apiVersion and namespace to patch",
    ),
    (
        re.compile(r"trouble configuring builtin PatchTransformer with config: `.*`: ", re.DOTALL),
        "",
    ),
)
_COUNT = re.compile(r"yaml: line [0-9]{1,9}: ")
# What the renderer tells without the file, and of what we say in its place.
_UNREADABLE = (
    (re.compile(r'mapping key \\*".*" already defined'), REPEATED),
    (re.compile(r"cannot decode !!\w+ `|!!binary value contains invalid"), MISTAGGED),
)
_WALK = re.compile(
    r"(?:accumulation of|make target for) path '([^']+)'"
    r"|(?:from|path:) ['\"]([^'\"]+)['\"]"
    r"|in File: (\S+)"
    r'|JSON patch from \[path: "([^"]+)"\]'
)
# What a message says of a field without its name.
_FIELDS = (
    (
        re.compile(
            r"strategic merge patch|PatchTransformer|operation does not apply|nonexistent key"
        ),
        "patches",
    ),
    (re.compile(r"^nothing selected by "), "replacements"),
    (re.compile(r"^configmap .* illegally repeats"), "configMapGenerator"),
    (re.compile(r"^secret .* illegally repeats"), "secretGenerator"),
)


def locate_fault(snapshot: Snapshot, overlay: str, message: str) -> Problem:
    """The Problem of an overlay that can't be rendered, at the field, entry or line that the
    message names; at the overlay's kustomization where it names none."""
    place = _file(snapshot, overlay) or overlay
    unnamed = _unnamed_file(snapshot, overlay, place, message)
    if unnamed is not None:
        return unnamed
    text = f"can't be rendered: {_shortened(message)}"
    directory, file = overlay, None
    for folder, name in _steps(message):
        if folder:
            directory = folder if snapshot.is_directory(folder) else directory
        else:
            file = reachable(directory, name)
    document = _kustomization(snapshot, directory)
    broken = _syntax_error(snapshot, file) if file is not None and _YAML.search(message) else None
    if broken is not None:
        return broken
    incomplete = incomplete_object(snapshot, file, message) if file is not None else None
    if incomplete is not None:
        return incomplete
    if document is None:
        return Problem(place, 1, 1, "", text)
    named = name_fault(snapshot, document, message)
    if named is not None:
        return named
    if file is not None:
        for entry in find_references(document).entries:
            if reachable(directory, entry.entry) == file:
                return entry.problem(document.file, text)
    nearest = find_place(snapshot, document, message)
    if nearest is not None:
        return Problem(*nearest, text)
    key = _key(document, message)
    where = document.place(key)
    return Problem(where.file, where.line or 1, where.column or 1, key_text(key), text)


def _unnamed_file(snapshot: Snapshot, overlay: str, place: str, message: str) -> Problem | None:
    """What the renderer tells without the file that it stands in: a key that is there twice, or
    is no text, and a value that its tag doesn't fit."""
    if NUMBER_KEY.search(message):
        return number_key(snapshot, closure(snapshot, overlay).paths, place, message)
    for pattern, said in _UNREADABLE:
        if pattern.search(message):
            return _first_unreadable(snapshot, closure(snapshot, overlay).paths, said)
    return None


def _first_unreadable(snapshot: Snapshot, paths: Sequence[str], said: str) -> Problem | None:
    """The first such mistake in a file that takes part. The renderer names no file, and a line
    of the document only."""
    for path in paths:
        try:
            read_plain(path, text_at(snapshot, path) or "")
        except ConfigurationError as error:
            found = error.problems[0]
            if said in found.message:
                return found
    return None


def _steps(message: str) -> Iterator[tuple[str, str]]:
    """The folders and files that the renderer went through, in its order."""
    for found in _WALK.finditer(message):
        yield found[1] or "", found[2] or found[3] or found[4] or ""


def _file(snapshot: Snapshot, directory: str) -> str | None:
    return next((path for path in kustomization_files(directory) if snapshot.is_file(path)), None)


def _shortened(message: str) -> str:
    """The message without its time, warnings before it, what it says twice, and the renderer's
    count of lines, which is of a document and not of its file; in words of ours where its own are
    of its inside."""
    message = _WARNED.sub("", _CLOCK.sub("", message))
    for pattern, words in _PLAINLY:
        message = pattern.sub(words, message)
    return _COUNT.sub("yaml: ", _TWICE.sub("", message))


def _syntax_error(snapshot: Snapshot, file: str) -> Problem | None:
    """Where a file stops being YAML, and why. The renderer's own count is of the line where it
    began to read what it couldn't."""
    try:
        for _ in events(text_at(snapshot, file) or ""):
            pass
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = f"is not valid YAML: {error.problem or error.context}"
        return Problem(file, mark.line + 1, mark.column + 1, "", reason) if mark else None
    except yaml.YAMLError:
        pass
    return None


def _kustomization(snapshot: Snapshot, directory: str) -> Document | None:
    path = _file(snapshot, directory)
    if path is None or not is_readable(snapshot, path):
        return None
    try:
        document = load(path, snapshot.read(path))
    except ConfigurationError:
        return None
    return document if isinstance(document.data, dict) else None


def _key(document: Document, message: str) -> KeyPath:
    named = _FIELD.search(message)
    wanted = (named[1] or named[2]) if named else None
    for pattern, field in _FIELDS:
        if wanted is None and pattern.search(message):
            wanted = field
    for key in document.data:
        if wanted is not None and key.lower() == wanted.lower():
            return (key,)
    return ()
