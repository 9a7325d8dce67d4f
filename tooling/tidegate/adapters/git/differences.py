"""Base commit and work tree → which paths differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.domain.changes import Changes

if TYPE_CHECKING:
    from tidegate.adapters.git.command import GitCommand

_COME, _GONE = "A", "D"


def read_changes(git: GitCommand, base: str) -> Changes:
    """All that differs from the base's tree in the work tree."""
    words = ("diff", "--name-status", "-z", "--no-renames", "--no-ext-diff", base, "--")
    fields = _fields(git.run(*words).stdout)
    found = {_name(path): how.decode() for how, path in zip(fields[::2], fields[1::2], strict=True)}
    untracked = git.run("ls-files", "-z", "-o", "--exclude-standard").stdout
    found |= dict.fromkeys(map(_name, _fields(untracked)), _COME)
    moved = frozenset(path for path, how in found.items() if how in (_COME, _GONE))
    return Changes(frozenset(found), moved)


def _fields(listing: bytes) -> list[bytes]:
    return listing.split(b"\0")[:-1]


def _name(path: bytes) -> str:
    return path.decode("utf-8", "surrogateescape")
