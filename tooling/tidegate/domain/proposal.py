"""What a branch would change once it is merged: a pull request, as Git alone knows it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from tidegate.domain.commit import Commit
from tidegate.domain.snapshot import TREE, Entry, Snapshot


@dataclass(frozen=True)
class Proposal:
    """`base` is the tree that it is held against, `after` what that becomes; `commits` are those
    that the `head` brings, newest first, each with what it changed below `environments/`. `torn`
    are paths that both sides have changed since they parted: nobody can tell what a merge makes
    of them."""

    base: Snapshot
    head: str
    after: Snapshot
    commits: tuple[Commit, ...]
    torn: tuple[str, ...] = ()

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """The paths whose contents or modes differ, those that come or go too, sorted."""
        before, after = _files(self.base), _files(self.after)
        paths = before.keys() | after.keys()
        return tuple(sorted(path for path in paths if before.get(path) != after.get(path)))

    @property
    def whole(self) -> Commit:
        """All of it as one commit, which says what its commits say."""
        messages = tuple(commit.message for commit in self.commits)
        newest = self.commits[0] if self.commits else None
        return Commit(
            revision=self.head,
            author=newest.author if newest else "",
            committed=newest.committed if newest else datetime.min.replace(tzinfo=UTC),
            message="",
            blobs={path: self.after.id(path) for path in self.changed},
            brought=messages,
        )

    @property
    def authors(self) -> tuple[str, ...]:
        """Whoever wrote one of its commits."""
        return tuple(dict.fromkeys(commit.author for commit in self.commits))


def _files(snapshot: Snapshot) -> dict[str, tuple[str, str]]:
    entries: dict[str, Entry] = dict(snapshot.entries)
    return {path: (e.mode, e.id) for path, e in entries.items() if e.mode != TREE}
