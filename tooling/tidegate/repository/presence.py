"""Whether a folder that decides is really here: a check that goes on without it proves nothing."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import Problem


def not_here(snapshot: Snapshot, folder: str) -> Iterator[Problem]:
    """What keeps the files of a folder from being read: something else in its place, or in that of
    a folder around it; and a sparse checkout that has left files out."""
    parts = folder.split("/")
    for number in range(1, len(parts) + 1):
        path = "/".join(parts[:number])
        if path in snapshot and not snapshot.is_directory(path):
            message = "is a file, a symbolic link or a submodule"
            yield Problem.whole(path, message, "a folder")
            return
    left_out = min((path for path in snapshot.absent if path.startswith(f"{folder}/")), default="")
    if left_out:
        message = "is not checked out, so that nobody knows what it asks"
        expected = f"a checkout with all of it, as by `git sparse-checkout add {folder}`"
        yield Problem.whole(left_out, message, expected)
