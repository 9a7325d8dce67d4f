"""Entries of a kustomization's `images`, each with what it leaves behind in what is rendered."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, TypeGuard

# What has the last word on images, after `images`.
_LATER = ("replacements", "transformers", "vars")
# kustomize reads a name as a regular expression: only a plain one says what it means.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/:-]*")
_CHANGES = ("newname", "newtag", "digest", "tagsuffix")


class ImageEntry(NamedTuple):
    """An entry: the image that it names, its position, the image that it makes of that one, or
    the beginning of it, and where it stands in its file."""

    name: str
    position: int
    result: str
    line: int = 1
    column: int = 1


def image_entries(fields: Mapping[str, Any]) -> Iterator[ImageEntry]:
    """Of a kustomization, by the names of its fields in lower case, the entries whose images can
    be recognised once it is rendered."""
    images = fields.get("images")
    if not isinstance(images, list) or any(fields.get(key) for key in _LATER):
        return
    entries = [
        {str(key).lower(): value for key, value in item.items()} if isinstance(item, dict) else {}
        for item in images
    ]
    names = Counter(name for entry in entries if _is_plain(name := entry.get("name")))
    if names.total() < len(entries):
        return  # one that may fit any of them
    for position, entry in enumerate(entries):
        name = entry["name"]
        target = entry.get("newname") or name
        # What another entry changes once more isn't there at the end.
        again = names[target] > (target == name) if _is_plain(target) else True
        if not again and any(map(entry.get, _CHANGES)):
            yield ImageEntry(name, position, _result(target, entry))


def _is_plain(name: object) -> TypeGuard[str]:
    """Whether it is a name without a tag, which nothing but itself fits."""
    if not isinstance(name, str) or not _PLAIN.fullmatch(name):
        return False
    return ":" not in name.rpartition("/")[2]


def _result(name: str, entry: Mapping[str, Any]) -> str:
    tag, digest = entry.get("newtag"), entry.get("digest")
    if tag:
        return f"{name}:{tag}" if isinstance(tag, str) else name
    return f"{name}@{digest}" if isinstance(digest, str) and digest else name
