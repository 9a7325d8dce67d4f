"""Which files hold objects of the cluster that somebody may apply as they stand."""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Collection

from tidegate.domain.manifest import Manifest
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.foreign import are_foreign, may_be_foreign
from tidegate.repository.objects import Unreadable, read_object
from tidegate.repository.partial import are_patches, is_assertion, is_called_patch
from tidegate.repository.rendered import documents, read_plain
from tidegate.repository.templates import (
    BRACES,
    are_template,
    have_variables,
    is_called_template,
    may_be_template,
    variable_of,
)
from tidegate.repository.yaml import FILE_SIZE_LIMIT, decode

_SUFFIXES = (".yaml", ".yml", ".json")

_LARGEST_SEARCHED = 256 * 1024 * 1024
# Keys of the whole document: at a line's start in YAML, in quotes in JSON. Some editors begin a
# file with a byte order mark, and some printers a key with a question mark.
_MARK = rb"^(?:\xef\xbb\xbf)?(?:\?[ \t]+)?"
_API = re.compile(_MARK + rb"(?:'?apiVersion'?\s*:|[ \t{,]*\"apiVersion\"\s*:)", re.MULTILINE)
_KIND = re.compile(_MARK + rb"(?:'?kind'?\s*:|[ \t{,]*\"kind\"\s*:)", re.MULTILINE)
_METADATA = re.compile(rb"^metadata[ \t]*:", re.MULTILINE)
_TOP_KEY = re.compile(rb"^[\"']?([A-Za-z-]{3,12})[\"']?[ \t]*:", re.MULTILINE)
_ALIKE = 0.8
# The first key of a document that stands away from the left, and how far.
_INDENTED = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[ \t]*(?:#[^\n]*)?\n|---[ \t]*\n)*( +)[A-Za-z\"']+[ \t]*:"
)
# A mapping in braces, behind what may stand before a document.
_BRACED = re.compile(rb"(?:\xef\xbb\xbf)?(?:\s|#[^\n]*\n|---(?=\s))*\{")
_NAMED = tuple(
    re.compile(rb"[{,\s][\"']?" + key + rb"[\"']?\s*:") for key in (b"apiVersion", b"kind")
)
_JSON_KEYS = (b'"apiVersion"', b'"kind"')
# Files of these are read by Tidegate itself, by kustomize or by others, and applied by nobody.
_OURS = re.compile(
    _MARK + rb"apiVersion:\s*[\"']?"
    rb"(?:tidegate\.dev/|kustomize\.config\.k8s\.io/)",
    re.MULTILINE,
)

_KUSTOMIZE = re.compile(_MARK + rb"apiVersion:\s*[\"']?kustomize\.config\.k8s\.io/", re.MULTILINE)
_KUSTOMIZATION = re.compile(rb"^kind:\s*[\"']?(?:Kustomization|Component)\b", re.MULTILINE)


def is_called_manifests(path: str) -> bool:
    """Whether a file's name is one of YAML or JSON, in small letters or capital ones."""
    return path.lower().endswith(_SUFFIXES)


def is_json(path: str) -> bool:
    """Whether a file's name is one of JSON."""
    return path.lower().endswith(".json")


def has_objects(path: str, data: bytes) -> bool:
    """Whether a file is one of objects, by the keys at the top of its documents."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = data.decode("utf-16", "replace").encode()  # to be refused, and not passed over
    if b"\r" in data and b"\n" not in data:  # which are lines to YAML
        data = data.replace(b"\r", b"\n")
    if is_json(path):
        return _is_json_object(data, broken=True)
    if found := _INDENTED.match(data):
        data = re.sub(rb"^" + found[1], b"", data, flags=re.MULTILINE)
    ours = sum(1 for _ in _OURS.finditer(data))
    if ours:  # objects may stand below them
        return ours < sum(1 for _ in _API.finditer(data))
    if _API.search(data) and _KIND.search(data):
        return True
    if lacks_key(data):
        return True
    if not _BRACED.match(data):
        return False
    return _is_json_object(data) or (
        all(key.search(data) for key in _NAMED) and _is_mapping_of_these(data)
    )


def may_have_objects(snapshot: Snapshot, path: str) -> bool:
    """Whether a file that is too large to be read may be one of objects."""
    entry = snapshot.entries[path]
    if entry.size > _LARGEST_SEARCHED:
        return True
    # Looked through, and not kept.
    data = snapshot.fetch_blobs([entry.id])[entry.id]
    return all(key in data for key in _JSON_KEYS) if is_json(path) else has_objects(path, data)


def lacks_key(data: bytes) -> bool:
    """Whether a file of YAML would be one of objects, had it both of the keys by which they are
    known: it has metadata and one of them."""
    return bool(_API.search(data)) != bool(_KIND.search(data)) and bool(_METADATA.search(data))


def is_kustomization(data: bytes) -> bool:
    """Whether a file is one of kustomize's own, whatever its name is."""
    return _KUSTOMIZE.search(data) is not None and _KUSTOMIZATION.search(data) is not None


def _has_slip(data: bytes) -> bool:
    """Whether one of the keys at the top is most likely meant for the one that is missing."""
    from difflib import SequenceMatcher

    missing = "kind" if _API.search(data) else "apiversion"
    keys = {found[1].decode().lower() for found in _TOP_KEY.finditer(data)}
    return any(
        key[0] == missing[0] and SequenceMatcher(None, key, missing).ratio() > _ALIKE
        for key in keys
    )


def is_applicable(path: str, data: bytes, terraform: Collection[str]) -> bool:
    """Whether a file of objects is one as it stands: no template, which a program fills in first,
    no part of an object, and no other program's. What is no YAML, for all its braces, is a
    template too. `terraform` are the folders with a program of that."""
    if is_called_template(path) or is_assertion(path):
        return False
    if not is_json(path) and lacks_key(data) and not _has_slip(data):
        return False
    braces, groupless, patch = may_be_template(data), may_be_foreign(data), is_called_patch(path)
    variable = variable_of(path, terraform)
    if not (braces or groupless or patch or variable):
        return True
    try:
        text = decode(path, data, FILE_SIZE_LIMIT)
        if braces and are_template(_read_some(path, text, BRACES)):
            return False
        some = _read_some(path, text, variable) if variable else ()
        if variable and have_variables(some, variable):
            return False
    except ConfigurationError:
        return not braces
    if not (groupless or patch):
        return True
    try:
        manifests = read_plain(path, text)
    except ConfigurationError:
        return True
    return not (groupless and are_foreign(manifests)) and not (patch and are_patches(manifests))


def _read_some(path: str, text: str, mark: re.Pattern[str]) -> tuple[Manifest, ...]:
    """The objects of those documents that have a mark: what is installed by one large file has a
    few such documents, and reading all of it takes seconds."""
    parts = (part for _, part in documents(text.removeprefix("\ufeff")) if mark.search(part))
    return read_plain(path, "\n---\n".join(parts))


def _is_mapping_of_these(data: bytes) -> bool:
    try:
        found = read_object(data.decode().removeprefix("\ufeff"))
    except (ValueError, Unreadable):
        return False
    return {"apiVersion", "kind"} <= found.keys()


def _is_json_object(data: bytes, *, broken: bool = False) -> bool:
    """Whether JSON has these keys at its top, where a schema of objects has them deep inside;
    `broken` is the answer for what has them and can't be parsed."""
    if not all(key in data for key in _JSON_KEYS):
        return False
    try:
        found = json.loads(data.removeprefix(codecs.BOM_UTF8))
    except (ValueError, RecursionError):
        return broken
    return isinstance(found, dict) and {"apiVersion", "kind"} <= found.keys()
