"""A Snapshot as it would be after some edits."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

from tidegate.domain.snapshot import FILE, TREE, Entry, Snapshot


def lay_over(snapshot: Snapshot, edits: Mapping[str, bytes]) -> Snapshot:
    """The Snapshot with the edits' contents in their places, links and folders added as needed."""
    if not edits:
        return snapshot
    entries = dict(snapshot.entries)
    contents: dict[str, bytes] = {}
    for path, data in edits.items():
        digest = f"edit:{hashlib.sha256(data).hexdigest()}"
        entries[path] = Entry(FILE, digest, len(data))
        contents[digest] = data
        parent = path.rpartition("/")[0]
        while parent and parent not in entries:
            entries[parent] = Entry(TREE, "")
            parent = parent.rpartition("/")[0]

    def fetch(ids: Sequence[str]) -> Mapping[str, bytes]:
        found = {id_: contents[id_] for id_ in ids if id_ in contents}
        rest = [path_of[id_] for id_ in ids if id_ not in contents]
        read = snapshot.read_many(rest)  # the original's cache serves both
        return found | {snapshot.entries[path].id: data for path, data in read.items()}

    path_of = {entry.id: path for path, entry in snapshot.entries.items() if entry.mode != TREE}
    return Snapshot(snapshot.revision, entries, fetch)
