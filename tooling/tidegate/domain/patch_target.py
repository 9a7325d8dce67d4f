"""Entries of a kustomization's `patches` that choose their objects: kustomize says nothing of one
that chooses none."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

# kustomize reads both as regular expressions: only plain ones say what they mean.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]*")
# What may rename, add or take away objects once they were patched.
_LATER = ("transformers", "generators", "vars")
_DELETES = re.compile(r"\$patch['\"]?\s*:\s*['\"]?delete")


class PatchTarget(NamedTuple):
    """An entry: the kind and the name of the objects that it chooses, either of them empty where
    it doesn't say; its position, and where that stands in its file."""

    kind: str
    name: str
    position: int
    line: int = 1
    column: int = 1


def patch_targets(fields: Mapping[str, Any]) -> Iterator[PatchTarget]:
    """Of a kustomization, by the names of its fields in lower case, the entries whose objects can
    be recognised once it is rendered."""
    patches = fields.get("patches")
    # A component may be meant for many, and any of its patches for some of them.
    if fields.get("kind") == "Component" or not isinstance(patches, list):
        return
    if any(fields.get(key) for key in _LATER) or _renames(fields.get("replacements")):
        return
    entries = [item for item in patches if isinstance(item, dict)]
    if len(entries) < len(patches) or any(map(_changes_names, entries)):
        return
    for position, item in enumerate(entries):
        target = item.get("target")
        if not isinstance(target, dict):
            continue
        words = [target.get(key) or "" for key in ("kind", "name")]
        if any(words) and all(word == "" or _is_plain(word) for word in words):
            yield PatchTarget(words[0], words[1], position)


def deletes(text: str) -> bool:
    """Whether a patch takes an object away: then nothing is left that it could be recognised by."""
    return _DELETES.search(text) is not None


def _changes_names(item: Mapping[str, Any]) -> bool:
    patch = item.get("patch")
    return bool(item.get("options")) or (isinstance(patch, str) and deletes(patch))


def _renames(replacements: Any) -> bool:
    """Whether replacements may change what objects are called: those in files may."""
    for item in replacements if isinstance(replacements, list) else ():
        targets = item.get("targets") if isinstance(item, dict) else None
        if not isinstance(targets, list) or "metadata.name" in str(targets):
            return True
    return False


def _is_plain(word: object) -> bool:
    return isinstance(word, str) and _PLAIN.fullmatch(word) is not None
