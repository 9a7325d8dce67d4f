"""Drafts → pull requests, one a branch.

Branch → status → pull request → auto-merge; `progress_comment` ends it: the comment, then what
opening or update left for the end. Each step looks at what is there first, so that the next run
finishes what one left undone, and the same run again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from tidegate.domain.app import Reviewing
from tidegate.domain.configuration import Settings
from tidegate.domain.draft import Draft
from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.pull_request import (
    Proposal,
    PullRequest,
    PullRequestChange,
    Status,
    StatusState,
)
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, Forbidden, Rejected, TidegateError
from tidegate.flows.merge_message import merge_message
from tidegate.flows.pull_requests import BLOCKED, FROZEN, GATES, HELD
from tidegate.flows.pull_requests.branch import offer
from tidegate.flows.pull_requests.names import ROOM
from tidegate.ports import Connections, Progress, PullRequests

_SENTENCE = 140  # what GitHub takes for a status
_MARKS = (HELD, FROZEN, BLOCKED)
_OWNERS_FIRST = "auto-merge wasn't asked for: only `tidegate merge` asks the gate approval"
_STOPPED = "its auto-merge was cancelled: it was asked for before this change"


@dataclass(frozen=True, slots=True)
class Offer:
    """What is to be merged: a commit to be, on a branch of its own. `diff` is its difference for
    people, `status` what is said of it under tidegate/gates; `write` makes the text, given the
    commit, which is empty before there is one. What is `urgent` waits for nobody as a draft;
    `wants_owners` says that they have to agree, which `merge` alone asks."""

    apps: tuple[str, ...]
    branch: str
    draft: Draft
    diff: str
    status: str
    write: Callable[[str], str]
    urgent: bool = False
    wants_owners: bool = False

    @property
    def title(self) -> str:
        """The commit's subject."""
        return self.draft.message.split("\n", 1)[0]


class Proposer:
    """One command's pull requests at the provider that the settings name."""

    def __init__(
        self,
        settings: Settings,
        reviewing: Reviewing,
        connections: Connections,
        progress: Progress,
    ) -> None:
        self._reviewing, self._connections = reviewing, connections
        self._progress = progress
        self.provider: PullRequests = connections.pull_requests(settings)

    @cached_property
    def open(self) -> dict[str, PullRequest]:
        """Those that are open, by branch; asked for once, also where there are none."""
        self._progress(f"looking at the pull requests of {self.provider.place}")
        # Newest first: of two for one branch, which none but a person can make, the older.
        return {item.branch: item for item in self.provider.find(prefix=ROOM)}

    @cached_property
    def _marked(self) -> Mapping[str, Status]:
        """What the heads of those say that were marked before."""
        heads = [item.revision for item in self.open.values() if _is_marked(item)]
        return self.provider.statuses_of(GATES, heads) if heads else {}

    def bring(self, branches: Sequence[str]) -> None:
        """Fetches those that have an open pull request, together where they are several."""
        try:
            there = [branch for branch in branches if branch in self.open]
        except TidegateError:
            return  # which is told of each of them
        if len(there) > 1:
            self._progress(f"fetching {len(there)} branches")
            self._connections.repository.bring(there)

    def propose(self, wanted: Offer, *, dry_run: bool) -> Proposed:
        """Opens its pull request, or brings the one that is there up to date."""
        try:
            there = self.open.get(wanted.branch)
        except TidegateError as error:
            return Proposed(wanted.apps, wanted.branch, Action.FAILED, error=error)
        try:
            self._require_base(there)
            return self._upsert(wanted, there, dry_run=dry_run)
        except TidegateError as error:
            return Proposed(wanted.apps, wanted.branch, Action.FAILED, there, error=error)

    def close(self, apps: Sequence[str], there: PullRequest, words: str) -> Proposed:
        """Closes it unmerged, and says why."""
        if there.auto_merge:
            with suppress(TidegateError):  # closed, it can't be merged either
                self._stop_merge(there)
        try:
            self.provider.close(there.number, words)
        except TidegateError as error:
            return Proposed(tuple(apps), there.branch, Action.FAILED, there, error=error)
        return Proposed(tuple(apps), there.branch, Action.CLOSED, there, note=words)

    def mark(
        self, apps: Sequence[str], there: PullRequest, words: str, marks: Sequence[str]
    ) -> Proposed:
        """Says on its head that it can't be merged now, and by labels that it says so, and what
        kind of reason it is."""
        words = one_line(words, _SENTENCE)
        status = Status(there.revision, GATES, StatusState.FAILURE, words)
        try:
            if there.auto_merge:
                self._stop_merge(there)
            if self._marked.get(there.revision) != status:
                self.provider.set_status(status)
            labels = (*_given(there), *(marks or (BLOCKED,)))
            there = self.provider.update(there, PullRequestChange(labels=labels))
        except TidegateError as error:
            return Proposed(tuple(apps), there.branch, Action.FAILED, there, error=error)
        return Proposed(tuple(apps), there.branch, Action.MARKED, there, note=words)

    def _require_base(self, there: PullRequest | None) -> None:
        """Raises ConflictError for a branch of ours that is to go somewhere else."""
        base = self._connections.repository.branch
        if there and there.base != base:
            raise ConflictError(
                f"pull request {there.number} takes {there.branch} into {there.base!r}, not {base}",
                hint=f"close it: {there.url}",
            )

    def _upsert(self, wanted: Offer, there: PullRequest | None, *, dry_run: bool) -> Proposed:
        done = Proposed(
            apps=wanted.apps,
            branch=wanted.branch,
            action=Action.PLANNED,
            pull_request=there,
            draft=wanted.draft,
            diff=wanted.diff,
            title=wanted.title,
            body=wanted.write(""),
        )
        if dry_run:
            return done
        revision = offer(
            wanted.draft,
            wanted.branch,
            self._connections,
            self._progress,
            before_push=lambda: self._stop_merge(there),
            seen=there.revision if there else None,
        )
        done = replace(done, body=wanted.write(revision))
        held_up = there is not None and there.draft and wanted.urgent
        whole = there is not None and not there.unfinished and self._has_labels(there)
        if there and whole and not held_up and _same(there, done):
            done = replace(done, action=Action.UNCHANGED)
            return self._let_merge(wanted, done, there, revision)
        # Before the pull request says it: whoever sees that finds the status there.
        words = one_line(wanted.status, _SENTENCE)
        self.provider.set_status(Status(revision, GATES, StatusState.SUCCESS, words))
        done, made = self._save(wanted, done, there)
        if there and there.auto_merge:  # whoever moved the head, Tidegate or another
            self._stop_merge(there)
            done = replace(done, note=_STOPPED)
        return self._let_merge(wanted, done, made, revision)

    def _save(
        self, wanted: Offer, done: Proposed, there: PullRequest | None
    ) -> tuple[Proposed, PullRequest]:
        reviewing = self._reviewing
        if there is None:
            proposal = Proposal(
                branch=done.branch,
                base=self._connections.repository.branch,
                title=done.title,
                body=done.body,
                labels=reviewing.labels,
                reviewers=reviewing.reviewers,
                draft=reviewing.draft and not wanted.urgent,
            )
            try:
                made = self.provider.create(proposal)
                return replace(done, action=Action.OPENED, pull_request=made), made
            except ConflictError:
                # Another run was faster, or the answer to an earlier one was lost.
                found = self.provider.find(branch=done.branch)
                if not found:
                    raise
                there = found[0]
        # Marks of ours hold no longer, and those that people gave it stay.
        labels = tuple(dict.fromkeys((*_given(there), *reviewing.labels)))
        ready = False if wanted.urgent and there.draft else None
        missed = reviewing.reviewers if there.unfinished else ()
        change = PullRequestChange(done.title, done.body, labels, missed, draft=ready)
        done = replace(done, action=Action.UPDATED)
        if not there.unfinished:  # what tells the next run that nothing is left comes last
            made = self.provider.update(there, PullRequestChange(draft=ready))
            change = replace(change, draft=None)
            return replace(done, pull_request=made, last=change), made
        made = self.provider.update(there, change)
        return replace(done, pull_request=made), made

    def _has_labels(self, there: PullRequest) -> bool:
        """Providers spell them in their own way."""
        has = {label.casefold() for label in there.labels}
        return has.issuperset(label.strip().casefold() for label in self._reviewing.labels)

    def _let_merge(
        self, wanted: Offer, done: Proposed, there: PullRequest, revision: str
    ) -> Proposed:
        """The provider's own message might lose the trailers: it gets ours, a new one each time."""
        method = self._reviewing.auto_merge
        done = replace(done, pull_request=there)
        known = there.auto_merge and done.action is Action.UNCHANGED
        if method is not None and wanted.wants_owners:
            if there.auto_merge:
                self._stop_merge(there)
            return replace(done, note=_OWNERS_FIRST)
        if method is None or known or there.draft:
            return done
        message = merge_message(there, wanted.draft.message, ())
        try:
            self.provider.auto_merge(there.number, revision, method, message)
        except Rejected as error:
            return replace(done, note=f"auto-merge was refused: {one_line(error.message, 200)}")
        return replace(done, note="")

    def _stop_merge(self, there: PullRequest | None) -> None:
        """Takes back that the provider merges it by itself: who asked for that has seen another
        head, and its message tells of that. Raises ConflictError where it may not."""
        if there is None:
            return
        try:
            self.provider.cancel_auto_merge(there.number)
        except (Forbidden, Rejected) as error:
            raise ConflictError(
                f"auto-merge of pull request {there.number} can't be cancelled, so its branch "
                f"isn't moved: {one_line(error.message, 200)}",
                hint=f"cancel it by hand, and run the same command again: {there.url}",
            ) from error


def with_way_out(error: TidegateError) -> TidegateError:
    """The error, with what to do where nobody can wait for the provider."""
    way = "in an emergency, --direct commits without a pull request"
    error.hint = f"{error.hint}; {way}" if error.hint else way
    return error


def _given(there: PullRequest) -> tuple[str, ...]:
    """The labels that aren't marks of ours."""
    return tuple(label for label in there.labels if label not in _MARKS)


def _is_marked(there: PullRequest) -> bool:
    return not {*_MARKS}.isdisjoint(there.labels)


def _same(there: PullRequest, wanted: Proposed) -> bool:
    """Whether it says so already; providers end lines in their own way."""
    body = there.body.replace("\r\n", "\n").strip()
    said = there.title == wanted.title and body == wanted.body.strip()
    return said and not _is_marked(there)
