"""Judged promotions → pull requests: one an app and environment, or one of several apps by name.

Verdict → branch → status → pull request. Each step looks at what is there first, so that the
next run finishes what one left undone, and the same run again changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from tidegate.domain import proposal as proposals
from tidegate.domain.app import Environment
from tidegate.domain.configuration import Configuration
from tidegate.domain.promised import promised_apps
from tidegate.domain.promotion import AppReport, Outcome, Plan, Promotion, Request
from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.pull_request import (
    Proposal,
    PullRequest,
    PullRequestChange,
    Status,
    StatusState,
)
from tidegate.domain.snapshot import FILE, Snapshot
from tidegate.domain.story import Story
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, Rejected, TidegateError, Unreachable
from tidegate.flows.chapters import make_chapters
from tidegate.flows.plan import diff, make_plan
from tidegate.ports import Connections, Progress, PullRequests

GATES = "tidegate/gates"
HELD, FROZEN = "held", "frozen"
_ROOM, _BATCHES = "tidegate", "tidegate-batch"
_TRIES = 10
_SENTENCE = 140  # what GitHub takes for a status

Write = Callable[[Story], str]


def branch_of(environment: str, app: str) -> str:
    """The branch of an app's pull request; names of apps and environments are safe in it."""
    return f"{_ROOM}/{environment}/{app}"


def batch_branch(environment: str, name: str) -> str:
    """The branch of a pull request for several apps."""
    return f"{_BATCHES}/{environment}/{name}"


@dataclass(frozen=True, slots=True)
class Ground:
    """What a verdict rests on, and who asked for it."""

    request: Request
    snapshot: Snapshot
    configuration: Configuration
    environment: Environment


class Proposals:
    """One command's pull requests. `write` makes the text of one."""

    def __init__(
        self, ground: Ground, connections: Connections, progress: Progress, write: Write
    ) -> None:
        self._ground, self._connections = ground, connections
        self._progress, self._write = progress, write
        self._provider: PullRequests = connections.pull_requests(ground.configuration.settings)

    def propose(
        self, promotions: Sequence[Promotion], batch: str | None, *, dry_run: bool
    ) -> list[Proposed]:
        """A pull request for each promotion, or one for all of them in a batch."""
        groups = [tuple(promotions)] if batch else [(p,) for p in promotions]
        return [self._guarded(group, batch, dry_run=dry_run) for group in groups if group]

    def settle(self, reports: Sequence[AppReport], *, dry_run: bool) -> list[Proposed]:
        """What is there already is closed, and what can't be merged now is marked."""
        found = []
        for report in reports:
            there = self._open.get(branch_of(self._ground.environment.name, report.app))
            if there is None or dry_run:
                continue
            if report.outcome is Outcome.ALREADY:
                found.append(self._try(report, there, self._close))
            elif report.outcome is Outcome.BLOCKED:
                found.append(self._try(report, there, self._mark))
        return found

    @cached_property
    def _open(self) -> dict[str, PullRequest]:
        """Those that are open, by branch; asked for once, also where there are none."""
        self._progress(f"looking at the pull requests of {self._provider.place}")
        # Newest first: of two for one branch, which none but a person can make, the older.
        return {item.branch: item for item in self._provider.find(prefix=_ROOM)}

    def _guarded(
        self, group: tuple[Promotion, ...], batch: str | None, *, dry_run: bool
    ) -> Proposed:
        apps = tuple(p.app for p in group)
        name = self._ground.environment.name
        branch = batch_branch(name, batch) if batch else branch_of(name, apps[0])
        try:
            self._require_alone(apps, branch)
            return self._upsert(group, branch, batch, dry_run=dry_run)
        except TidegateError as error:
            return Proposed(apps, branch, Action.FAILED, self._open.get(branch), error=error)

    def _require_alone(self, apps: tuple[str, ...], branch: str) -> None:
        """Raises ConflictError for an app that another open pull request is about, and for a
        branch of ours that is to go somewhere else."""
        environment, base = self._ground.environment.name, self._connections.repository.branch
        for name, there in self._open.items():
            if name == branch and there.base != base:
                raise ConflictError(
                    f"pull request {there.number} takes {branch} into {there.base!r}, not {base}",
                    hint=f"close it: {there.url}",
                )
            ours = name.startswith((f"{_ROOM}/{environment}/", f"{_BATCHES}/{environment}/"))
            twice = sorted(promised_apps(there.body) & set(apps)) if ours else []
            if name != branch and twice:
                raise ConflictError(
                    f"{twice[0]} is in pull request {there.number} already, of {name}",
                    hint=f"merge or close that one first: {there.url}",
                )

    def _upsert(
        self, group: tuple[Promotion, ...], branch: str, batch: str | None, *, dry_run: bool
    ) -> Proposed:
        ground, there = self._ground, self._open.get(branch)
        plan = make_plan(group, ground.request)
        title = plan.message.split("\n", 1)[0]
        chapters = make_chapters(group, ground.snapshot, ground.configuration, self._connections)
        story = Story(
            title=title,
            environment=ground.environment.name,
            chapters=chapters,
            request=ground.request,
            configuration=ground.configuration,
            batch=batch,
        )
        done = Proposed(
            apps=tuple(p.app for p in group),
            branch=branch,
            action=Action.PLANNED,
            pull_request=there,
            plan=plan,
            diff=diff(ground.snapshot, plan.edits),
            title=title,
            body=self._write(story),
        )
        if dry_run:
            return done
        revision = self._offer(branch, plan)
        done = replace(done, body=self._write(replace(story, revision=revision)))
        if there and _same(there, done):
            return self._let_merge(replace(done, action=Action.UNCHANGED), there, revision)
        # Before the pull request says it: whoever sees that finds the status there.
        self._provider.set_status(_passed(revision, group))
        return self._let_merge(*self._save(done, there), revision)

    def _offer(self, branch: str, plan: Plan) -> str:
        """The branch's commit that has exactly this plan in it, pushed where there was none."""
        repository, base = self._connections.branch(branch), self._ground.snapshot.revision
        for _ in range(_TRIES):
            head = repository.head()
            if head is not None and self._carries(head, plan):
                return head
            self._progress(f"pushing to {branch}")
            commit = repository.commit(base, plan.edits, plan.message, after=head)
            if repository.push(commit) is None:
                return commit
        raise Unreachable(
            f"{branch} moved before each of {_TRIES} pushes",
            hint="somebody else is pushing to it; run the same command again",
        )

    def _carries(self, head: str, plan: Plan) -> bool:
        """Whether a branch differs from where it left the base by the plan's files alone."""
        repository = self._connections.repository
        fork = repository.fork(head, self._ground.snapshot.revision)
        if fork is None:
            return False
        old, new = repository.snapshot(fork), repository.snapshot(head)
        changed = proposals.Proposal(old, head, new, ()).changed
        wanted = {path: data for path, data in plan.edits.items() if _at(old, path) != data}
        return {*changed} == wanted.keys() and all(
            _mode(new, path) == (_mode(old, path) or FILE) and new.read(path) == data
            for path, data in wanted.items()
        )

    def _save(self, done: Proposed, there: PullRequest | None) -> tuple[Proposed, PullRequest]:
        reviewing = self._ground.environment.reviewing
        if there is None:
            wanted = Proposal(
                branch=done.branch,
                base=self._connections.repository.branch,
                title=done.title,
                body=done.body,
                labels=reviewing.labels,
                reviewers=reviewing.reviewers,
                draft=reviewing.draft,
            )
            try:
                made = self._provider.create(wanted)
                return replace(done, action=Action.OPENED, pull_request=made), made
            except ConflictError:
                # Another run was faster, or the answer to an earlier one was lost.
                found = self._provider.find(branch=done.branch)
                if not found:
                    raise
                there = found[0]
        change = PullRequestChange(done.title, done.body, _labels(there, reviewing.labels))
        made = self._provider.update(there.number, change)
        return replace(done, action=Action.UPDATED, pull_request=made), made

    def _let_merge(self, done: Proposed, there: PullRequest, revision: str) -> Proposed:
        method = self._ground.environment.reviewing.auto_merge
        done = replace(done, pull_request=there)
        if method is None or there.auto_merge or there.draft:
            return done
        try:
            self._provider.auto_merge(there.number, revision, method)
        except Rejected as error:
            return replace(done, note=f"auto-merge was refused: {one_line(error.message, 200)}")
        return done

    def _try(
        self,
        report: AppReport,
        there: PullRequest,
        act: Callable[[AppReport, PullRequest], Proposed],
    ) -> Proposed:
        try:
            return act(report, there)
        except TidegateError as error:
            return Proposed((report.app,), there.branch, Action.FAILED, there, error=error)

    def _close(self, report: AppReport, there: PullRequest) -> Proposed:
        version = report.champion.version if report.champion else ""
        words = f"Version {version} is in {self._ground.environment.name} already."
        self._provider.close(there.number, words)
        return Proposed((report.app,), there.branch, Action.CLOSED, there, note=words)

    def _mark(self, report: AppReport, there: PullRequest) -> Proposed:
        """Says on the head that a gate says no, and by a label that it is held or frozen."""
        blocking = report.verdict.blocking if report.verdict else ()
        words = one_line("; ".join(f"{r.gate}: {r.sentence}" for r in blocking), _SENTENCE)
        self._provider.set_status(Status(there.revision, GATES, StatusState.FAILURE, words))
        gates = {result.gate for result in blocking}
        marks = [label for gate, label in (("hold", HELD), ("window", FROZEN)) if gate in gates]
        if not set(marks) <= set(there.labels):
            labels = tuple(dict.fromkeys((*there.labels, *marks)))
            self._provider.update(there.number, PullRequestChange(labels=labels))
        return Proposed((report.app,), there.branch, Action.MARKED, there, note=words)


def _passed(revision: str, group: Sequence[Promotion]) -> Status:
    gates = dict.fromkeys(result.gate for p in group for result in p.verdict.results)
    words = one_line("passed: " + ", ".join(gates), _SENTENCE)
    return Status(revision, GATES, StatusState.SUCCESS, words)


def _labels(there: PullRequest, configured: Sequence[str]) -> tuple[str, ...]:
    """Those that people gave it stay; marks of ours that no longer hold go."""
    kept = [label for label in there.labels if label not in (HELD, FROZEN)]
    return tuple(dict.fromkeys((*kept, *configured)))


def _same(there: PullRequest, wanted: Proposed) -> bool:
    """Whether it says so already; providers end lines in their own way."""
    body = there.body.replace("\r\n", "\n").strip()
    marked = {HELD, FROZEN} & set(there.labels)
    return there.title == wanted.title and body == wanted.body.strip() and not marked


def _mode(snapshot: Snapshot, path: str) -> str | None:
    entry = snapshot.entries.get(path)
    return entry.mode if entry else None


def _at(snapshot: Snapshot, path: str) -> bytes | None:
    return snapshot.read(path) if snapshot.is_file(path) else None
