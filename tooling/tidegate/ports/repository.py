"""What the flows need from Git, as protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from contextlib import AbstractContextManager

    from tidegate.domain.changes import Changes
    from tidegate.domain.commit import Commit, Moved
    from tidegate.domain.proposal import Proposal
    from tidegate.domain.snapshot import Snapshot


class Progress(Protocol):
    """Where a flow says what it is doing."""

    def __call__(self, text: str) -> None:
        """One step, in a few words."""


class WorkTree(Protocol):
    """The files that somebody is editing, and the commits that they are held against."""

    @property
    def place(self) -> str:
        """A name for where they are, that no other place has."""

    def snapshot(self) -> Snapshot:
        """The files as they are now."""

    def at(self, revision: str, paths: Sequence[str] = ()) -> Snapshot:
        """The files at a commit, branch or tag, or only these of them. Raises InputError where
        there is none."""

    def changed(self, revision: str) -> Changes:
        """What differs from a commit, new and deleted paths too. Raises InputError."""


class Repository(Protocol):
    """The branch that Argo CD follows."""

    @property
    def remote(self) -> str:
        """The Git remote's name."""

    @property
    def branch(self) -> str:
        """The branch's name."""

    def address(self) -> str:
        """Where the remote is, which may hold a password; empty where nobody says."""

    def fetch(self) -> Snapshot:
        """The tree at the branch's head, just fetched."""

    def snapshot(self, revision: str) -> Snapshot:
        """The tree of a commit that is in this clone. Raises NotFound for one that isn't."""

    def identity(self) -> str:
        """The name that commits made here carry. Raises InputError where there is none."""

    def head(self) -> str | None:
        """Where the branch is, just fetched; None where the remote has none of that name."""

    def bring(self, branches: Sequence[str]) -> None:
        """Fetches several branches of the remote at once, for `has` to find their heads. What can't
        be brought is left for `head` to say."""

    def has(self, revision: str) -> bool:
        """Whether a commit is in this clone, whatever the name is that is asked for."""

    def fork(self, one: str, other: str) -> str | None:
        """The newest commit that both have behind them; None where there is none."""

    def commit(
        self,
        parent: str,
        edits: Mapping[str, bytes | None],
        message: str,
        *,
        after: str | None = None,
    ) -> str:
        """A new commit's id, on `parent`, known to this clone only; a path that `edits` maps to
        None is gone in it. With `after` it has the same tree, and that commit as its second
        parent."""

    def push(self, commit: str) -> Moved | None:
        """Offers a commit: None when the branch has it, Moved when others were first. Raises
        OutsideError when it is refused."""

    def contains(self, head: str, commit: str) -> bool:
        """Whether a commit is the head or behind it."""

    def distance(self, old: str, new: str) -> int:
        """How many commits the head has moved."""

    def alone(self, progress: Progress) -> AbstractContextManager[bool]:
        """Keeps other promoters of this machine waiting; says whether this one had to wait."""

    def deepen(self) -> None:
        """Fetches the whole past into a shallow clone. Raises OutsideError where that can't be
        had."""

    def history(
        self, revision: str, paths: Sequence[str], *, whole: bool = True
    ) -> Sequence[Commit]:
        """The commits that changed any of the paths (`*` stands for part of a name), newest
        first. The whole past, as by `deepen`, or what of it is there: then the last commit shows
        everything as it left it."""

    def read(self, ids: Sequence[str]) -> Mapping[str, bytes]:
        """The contents of blobs."""


class Proposals(Protocol):
    """Changes that are proposed to the branch."""

    def read(self, base: str, head: str) -> Proposal:
        """What the head changes of the base; each is a commit, branch or tag of this clone.
        Raises InputError for a name that stands for no commit, or for several, and OutsideError
        where history is missing."""
