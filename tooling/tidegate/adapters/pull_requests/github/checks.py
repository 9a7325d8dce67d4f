"""What GitHub's commit statuses and check runs say together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.adapters.pull_requests.fields import Fields
from tidegate.adapters.pull_requests.github import documents
from tidegate.domain.pull_request import Status, StatusState

_GRAVITY = (
    StatusState.SKIPPED,
    StatusState.SUCCESS,
    StatusState.PENDING,
    StatusState.ERROR,
    StatusState.FAILURE,
)


def newest(runs: Iterable[Fields], revision: str) -> Sequence[Status]:
    """Of each App's check runs of one name the newest: what ran again was found anew."""
    last: dict[tuple[str, str], Fields] = {}
    for run in sorted(runs, key=lambda fields: fields.number("id")):
        last[run.inner("app").text("slug"), run.text("name")] = run
    return [documents.check_run(run, revision) for run in last.values()]


def worst(said: Iterable[Status]) -> Sequence[Status]:
    """One for each context. Whoever can push can have a job of any name succeed: of several that
    speak under one name, all have to say yes, as for a protected branch."""
    found: dict[str, Status] = {}
    for status in said:
        known = found.setdefault(status.context, status)
        if _GRAVITY.index(status.state) > _GRAVITY.index(known.state):
            found[status.context] = status
    return tuple(found.values())
