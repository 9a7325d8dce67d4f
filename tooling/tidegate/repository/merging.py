"""What a merge makes of two trees, file by file: no text is ever merged, and no attribute, driver
or guess at renames of anybody's clone has a say."""

from __future__ import annotations

from tidegate.domain.snapshot import TREE, Entry, Snapshot


def merge(fork: Snapshot, base: Snapshot, head: Snapshot) -> tuple[Snapshot, tuple[str, ...]]:
    """The base with all that the head has changed since the fork, and the paths that both have
    changed, each in its own way; there the head's counts."""
    if fork.revision == base.revision:
        return head, ()
    old, ours, theirs = (_files(side) for side in (fork, base, head))
    merged, torn = dict(ours), []
    for path in old.keys() | theirs.keys():
        before, now, wanted = (_state(side.get(path)) for side in (old, ours, theirs))
        if wanted in (before, now):
            continue
        if now != before:
            torn.append(path)
        if path in theirs:
            merged[path] = theirs[path]
        else:
            merged.pop(path, None)
    entries = dict(merged)
    for path in merged:
        parent = path.rpartition("/")[0]
        while parent:
            if parent in merged:
                torn.append(parent)  # a file on one side, a folder on the other
            entries.setdefault(parent, _FOLDER)
            parent = parent.rpartition("/")[0]
    return Snapshot(head.revision, entries, base.fetch_blobs), tuple(sorted(set(torn)))


_FOLDER = Entry(TREE, "")


def _files(snapshot: Snapshot) -> dict[str, Entry]:
    return {path: entry for path, entry in snapshot.entries.items() if entry.mode != TREE}


def _state(entry: Entry | None) -> tuple[str, str] | None:
    return (entry.mode, entry.id) if entry else None
