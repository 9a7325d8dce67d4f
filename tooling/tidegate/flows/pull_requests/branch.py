"""A draft on a branch of its own: pushed where it isn't there yet, and never forced."""

from __future__ import annotations

from collections.abc import Callable

from tidegate.domain.draft import Draft
from tidegate.domain.proposal import Proposal
from tidegate.domain.snapshot import FILE, Snapshot
from tidegate.errors import Unreachable
from tidegate.ports import Connections, Progress, Repository

_TRIES = 10


def offer(
    draft: Draft,
    branch: str,
    connections: Connections,
    progress: Progress,
    *,
    before_push: Callable[[], None],
    seen: str | None = None,
) -> str:
    """The branch's commit that has exactly this draft in it, pushed where there was none. What
    the branch had stays behind it, off its first-parent line. `before_push` may
    raise what forbids to move it. `seen` is where somebody saw the
    branch a moment ago: the remote isn't asked where this clone has that. Raises Unreachable where
    others push to it all the time."""
    repository = connections.branch(branch)
    known = seen if seen and connections.repository.has(seen) else None
    for number in range(_TRIES):
        head = known if known and number == 0 else repository.head()
        if head is not None and _carries(head, draft, connections.repository):
            return head
        before_push()
        progress(f"pushing to {branch}")
        commit = repository.commit(draft.parent, draft.edits, draft.message, after=head)
        if repository.push(commit) is None:
            return commit
    raise Unreachable(
        f"{branch} moved before each of {_TRIES} pushes",
        hint="somebody else is pushing to it; run the same command again",
    )


def _carries(head: str, draft: Draft, repository: Repository) -> bool:
    """Whether a branch differs from where it left the base by the draft's files alone."""
    fork = repository.fork(head, draft.parent)
    if fork is None:
        return False
    old, new = repository.snapshot(fork), repository.snapshot(head)
    changed = Proposal(old, head, new, ()).changed
    wanted = {path: data for path, data in draft.edits.items() if _at(old, path) != data}
    return {*changed} == wanted.keys() and all(
        _is_there(path, data, old, new) for path, data in wanted.items()
    )


def _is_there(path: str, data: bytes | None, old: Snapshot, new: Snapshot) -> bool:
    if data is None:
        return path not in new
    return _mode(new, path) == (_mode(old, path) or FILE) and new.read(path) == data


def _mode(snapshot: Snapshot, path: str) -> str | None:
    entry = snapshot.entries.get(path)
    return entry.mode if entry else None


def _at(snapshot: Snapshot, path: str) -> bytes | None:
    return snapshot.read(path) if snapshot.is_file(path) else None
