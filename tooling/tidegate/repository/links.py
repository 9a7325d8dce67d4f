"""Paths of a Snapshot, with its symbolic links followed as a file system would."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.snapshot import SUBMODULE, SYMLINK, Snapshot

_LINK_LIMIT = 40
TARGET_LIMIT = 4_096  # bytes, as in Linux


class Unresolvable(Exception):
    """A path that leads nowhere in the Snapshot; the message continues a sentence about it, and
    `paths` are those that were looked at."""

    def __init__(self, message: str, *paths: str) -> None:
        super().__init__(message)
        self.paths = paths


@dataclass(frozen=True, slots=True)
class Resolved:
    """Where a path really leads, and the symbolic links on the way there."""

    path: str
    links: tuple[str, ...] = ()


def join(directory: str, relative: str) -> str:
    """The path that `relative` means, seen from `directory`. Raises Unresolvable for what is
    absolute or outside the repository."""
    if relative.startswith("/"):
        raise Unresolvable("is an absolute path")
    parts = directory.split("/") if directory else []
    for part in relative.split("/"):
        if part in ("", "."):
            continue
        if part != "..":
            parts.append(part)
        elif parts:
            parts.pop()
        else:
            raise Unresolvable("leads out of the repository")
    return "/".join(parts)


def reachable(directory: str, relative: str) -> str | None:
    """The same; None for what is absolute or outside the repository."""
    try:
        return join(directory, relative)
    except Unresolvable:
        return None


def resolve(snapshot: Snapshot, path: str) -> Resolved:
    """Follows every symbolic link in a path. Raises Unresolvable."""
    entry = snapshot.entries.get(path)
    if path == "" or (entry and entry.mode not in (SYMLINK, SUBMODULE)):
        return Resolved(path)  # Git lists nothing below a link, so there is none on the way
    links: list[str] = []
    done = ""
    rest = path.split("/")
    while rest:
        here = f"{done}/{rest[0]}" if done else rest[0]
        entry = snapshot.entries.get(here)
        if entry is None:
            raise Unresolvable("does not exist", here, *links)
        if entry.mode == SUBMODULE:
            raise Unresolvable("is in a submodule, which Tidegate doesn't read", here, *links)
        if entry.mode != SYMLINK:
            done, rest = here, rest[1:]
            continue
        links.append(here)
        if len(links) > _LINK_LIMIT:
            raise Unresolvable("is a symbolic link that leads in a circle", *links)
        if entry.size > TARGET_LIMIT:
            raise Unresolvable("is a symbolic link whose target is too long", *links)
        target = snapshot.read_many([here])[here].decode("utf-8", "surrogateescape")
        try:
            following = join(done, target)
        except Unresolvable as error:
            shown = here if here == path else f"goes through {here}, which"
            prefix = "" if here == path else f"{shown} "
            raise Unresolvable(f"{prefix}is a symbolic link whose target {error}", *links) from None
        done, rest = "", [part for part in (*following.split("/"), *rest[1:]) if part]
    return Resolved(done, tuple(dict.fromkeys(links)))
