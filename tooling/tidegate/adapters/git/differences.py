"""Base commit and work tree → which paths differ."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tidegate.adapters.git.objects import list_tree
from tidegate.domain.changes import Changes
from tidegate.domain.snapshot import SYMLINK, Snapshot

if TYPE_CHECKING:
    from tidegate.adapters.git.command import GitCommand

Take = Callable[[Sequence[bytes]], Snapshot]

# As `git diff` and `git ls-files -v` write them.
_COME, _GONE, _OTHER = "A", "D", "M"
_UNTRACKED, _SKIPPED = b"?", b"S"


def read_changes(git: GitCommand, base: str, take: Take) -> Changes:
    """All that differs from the base's tree on disk, where `take` reads files. Paths that somebody
    told Git not to look at (`git update-index`) are compared without it."""
    words = ("diff", "--name-status", "-z", "--no-renames", "--no-ext-diff", base, "--")
    fields = _fields(git.run(*words).stdout)
    found = {_name(path): how.decode() for how, path in zip(fields[::2], fields[1::2], strict=True)}
    assumed: list[bytes] = []
    skipped: list[bytes] = []
    listing = git.run("ls-files", "-z", "-v", "-c", "-o", "--exclude-standard").stdout
    for field in _fields(listing):
        tag, path = field[:1], field[2:]
        if tag == _UNTRACKED:
            found[_name(path)] = _COME
        elif tag.upper() == _SKIPPED:
            skipped.append(path)
        elif tag.islower():
            assumed.append(path)
    if assumed or skipped:
        found |= _compare(git, base, take([*assumed, *skipped]), assumed, skipped)
    moved = frozenset(path for path, how in found.items() if how in (_COME, _GONE))
    return Changes(frozenset(found), moved, base)


def _compare(
    git: GitCommand, base: str, here: Snapshot, assumed: Sequence[bytes], skipped: Sequence[bytes]
) -> dict[str, str]:
    before = list_tree(git, base)
    found: dict[str, str] = {}
    for name in map(_name, (*assumed, *skipped)):
        ours, theirs = here.entries.get(name), before.get(name)
        if ours is None:
            continue
        if theirs is None:
            found[name] = _COME
        elif ours.id != theirs.id or (ours.mode == SYMLINK) != (theirs.mode == SYMLINK):
            found[name] = _OTHER
    # What a sparse checkout skips isn't on disk, and hasn't gone for that.
    gone = (name for name in map(_name, assumed) if name in before and name not in here)
    return found | dict.fromkeys(gone, _GONE)


def _fields(listing: bytes) -> list[bytes]:
    return listing.split(b"\0")[:-1]


def _name(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
