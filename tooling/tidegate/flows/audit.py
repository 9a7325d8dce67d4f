"""`audit`: every change of what runs and of what decides, from Git alone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from tidegate.domain.audit import AuditEntry, AuditReport, AuditScope, Deed
from tidegate.domain.commit import Commit
from tidegate.domain.text import nearest, one_line
from tidegate.errors import InputError
from tidegate.flows.deeds import judge_deed
from tidegate.flows.message import (
    APPROVED_BY,
    DIRECT,
    PULL_REQUEST,
    REASON,
    REQUESTED_BY,
    REVIEWED_BY,
)
from tidegate.flows.touches import Touch, find_touches
from tidegate.ports import Connections, Progress
from tidegate.repository.layout import APPS, ENVIRONMENTS, POLICIES, SETTINGS

# What a merge of a pull request leaves in a message: ours, GitHub's, GitLab's, and a squash's.
_PULL_REQUEST = re.compile(
    rf"^{PULL_REQUEST}: (\S{{1,500}})$|^Merge pull request (#\d{{1,9}}) |\((#\d{{1,9}})\)$|"
    r"^See merge request (\S{1,200}!\d{1,9})$",
    re.MULTILINE,
)
_APPROVALS = (APPROVED_BY, REVIEWED_BY)


def audit(scope: AuditScope, connections: Connections, progress: Progress) -> AuditReport:
    """Every deed in the scope, oldest first. Raises InputError for an app or an environment that
    the branch never had, and OutsideError where its whole history can't be had."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    revision = repository.fetch().revision
    watched = [f"{folder}/**" for folder in (ENVIRONMENTS, APPS, POLICIES)]
    touches = list(find_touches(repository.history(revision, [*watched, SETTINGS])))
    _require_known("app", scope.app, [touch.app for touch in touches])
    _require_known("environment", scope.environment, [touch.environment for touch in touches])
    chosen = [touch for touch in touches if _is_in(touch, scope)]
    progress(f"reading {len({touch.commit.revision for touch in chosen})} commits")
    blobs = repository.read(sorted({blob for touch in chosen for blob in touch.blobs}))
    entries = tuple(_with_people(judge_deed(touch, blobs), touch.commit) for touch in chosen)
    return AuditReport(revision, scope, entries)


def _is_in(touch: Touch, scope: AuditScope) -> bool:
    """What is about a whole environment, or about all of them, is about each of its apps."""
    return (
        scope.holds(touch.commit.committed)
        and scope.app in (None, touch.app, *([] if touch.app else [scope.app]))
        and scope.environment
        in (None, touch.environment, *([] if touch.environment else [scope.environment]))
    )


def _require_known(kind: str, name: str | None, known: Sequence[str | None]) -> None:
    if name is None or name in known:
        return
    near = nearest(name, sorted({item for item in known if item}))
    hint = f"did you mean '{near}'?" if near else None
    raise InputError(f"there was never {kind} {name!a} on this branch", hint=hint)


def _with_people(entry: AuditEntry, commit: Commit) -> AuditEntry:
    """The entry with who asked for it, who said yes, and why, as the commit tells. Of what isn't
    proven, it is believed about neither of them, but for what a provider writes of a merge."""
    if entry.deed is Deed.SETTINGS and not commit.brought:
        return replace(
            entry,
            pull_request=_pull_request(commit, believed=False),
            reason=one_line(commit.subject),
        )
    return replace(
        entry,
        requested_by=next(iter(commit.words(REQUESTED_BY)), None) if entry.proven else None,
        approved_by=tuple(_approvals(commit)) if entry.proven else (),
        pull_request=_pull_request(commit, believed=entry.proven),
        reason=next(iter(commit.words(REASON)), None) or one_line(commit.subject),
        direct=entry.environment in commit.said(DIRECT),
    )


def _approvals(commit: Commit) -> Iterator[str]:
    for key in _APPROVALS:
        yield from (one_line(name) for name in commit.said(key))


def _pull_request(commit: Commit, *, believed: bool) -> str | None:
    for found in _PULL_REQUEST.finditer(commit.message):
        ours, *theirs = found.groups()
        named = next((group for group in (ours if believed else None, *theirs) if group), None)
        if named:
            return named
    return None
