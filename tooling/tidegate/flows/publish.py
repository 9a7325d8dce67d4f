"""Draft → Receipt: committed and pushed, and decided again where others were faster.

The one step that every verb shares that writes. What a Decision rests on is its verb's affair.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from tidegate.domain.draft import Draft
from tidegate.domain.promotion import Receipt
from tidegate.errors import Unreachable
from tidegate.flows.backoff import Backoff
from tidegate.ports import Connections, Progress

_TRIES = 200
# Lost races in a row without a winner to be seen.
_STILL = 10


class Decision(Protocol):
    """What a verb made of the branch's head."""

    @property
    def draft(self) -> Draft | None:
        """What to commit on that head; None where there is nothing, or nothing any more."""


D = TypeVar("D", bound=Decision)


def publish(
    decision: D, decide: Callable[[], D], connections: Connections, progress: Progress
) -> tuple[D, Receipt | None]:
    """Pushes the decision's draft. After a lost race waits, asks `decide`, which fetches, and
    tries again, so long as there is something to commit and time left. Returns the decision
    that it ended with; the Receipt is None where that had nothing to commit.

    Raises OutsideError for a push that is refused, or that never wins a race.
    """
    repository, backoff, landed = connections.repository, Backoff(), 0
    with repository.alone(progress) as waited:
        if waited:
            decision, landed = _again(decision, decide, connections)
        before, still = connections.remaining(), 0
        while draft := decision.draft:
            started = connections.remaining()
            progress(f"pushing to {repository.branch} of {repository.remote}")
            commit = repository.commit(draft.parent, draft.edits, draft.message)
            moved = repository.push(commit)
            if moved is None:
                return decision, Receipt(commit, repository.remote, repository.branch)
            now = connections.remaining()
            pause = backoff.pause(attempt=started - now, landed=landed + 1, since=before - now)
            if backoff.tries >= _TRIES or pause >= now:
                raise Unreachable(
                    f"{repository.branch} moved before each of {backoff.tries} pushes; "
                    "nothing was committed",
                    hint="run the same command again, or give it more time with --timeout SECONDS",
                )
            progress(f"others were faster ({moved.reason}); trying again in {pause:.1f} s")
            connections.wait(pause)
            before = started
            decision, landed = _again(decision, decide, connections)
            still = 0 if landed else still + 1
            if still >= _STILL:
                raise Unreachable(
                    f"{repository.remote} says that {repository.branch} moves ({moved.reason}), "
                    f"but it stood still for {still} pushes; nothing was committed",
                    hint="another push may hold it, or one that crashed has left the branch's "
                    ".lock file there: ask who owns the remote",
                )
    return decision, None


def _again(decision: D, decide: Callable[[], D], connections: Connections) -> tuple[D, int]:
    """The next decision, and how many commits came since the last: that tells how many others
    compete."""
    after = decide()
    if decision.draft is None or after.draft is None:
        return after, 0
    return after, connections.repository.distance(decision.draft.parent, after.draft.parent)
