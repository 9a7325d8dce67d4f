"""Snapshots of files that are in no repository."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from tidegate.domain.snapshot import FILE, SYMLINK, TREE, Entry, Snapshot


def snapshot(
    files: Mapping[str, str | bytes | None], links: Mapping[str, str] | None = None
) -> Snapshot:
    """A tree of these files and symbolic links; None leaves a file out."""
    blobs: dict[str, bytes] = {}
    entries: dict[str, Entry] = {}
    for mode, group in ((FILE, files), (SYMLINK, links or {})):
        for path, content in group.items():
            if content is None:
                continue
            data = content.encode() if isinstance(content, str) else content
            identity = hashlib.sha1(data).hexdigest()
            blobs[identity] = data
            entries[path] = Entry(mode, identity, len(data))
            for parent in list(Path(path).parents)[:-1]:
                entries[parent.as_posix()] = Entry(TREE, "0" * 40)
    return Snapshot("f" * 40, entries, lambda ids: {i: blobs[i] for i in ids})
