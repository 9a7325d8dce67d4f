"""Judged promotions → pull requests: one an app and environment, or one of several apps by name.

What is there already is closed, and what a gate says no to is marked.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.app import Environment
from tidegate.domain.configuration import Configuration
from tidegate.domain.draft import Draft
from tidegate.domain.promised import promised_apps
from tidegate.domain.promotion import AppReport, Outcome, Promotion, Request
from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.pull_request import PullRequest
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.story import Story
from tidegate.errors import ConflictError, TidegateError
from tidegate.flows.chapters import make_chapters
from tidegate.flows.plan import diff, make_plan
from tidegate.flows.pull_requests import FROZEN, HELD
from tidegate.flows.pull_requests.names import app_branch, batch_branch, is_of
from tidegate.flows.pull_requests.proposer import Offer, Proposer
from tidegate.ports import Connections, Progress

Write = Callable[[Story], str]


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
        self._ground, self._connections, self._write = ground, connections, write
        reviewing = ground.environment.reviewing
        settings = ground.configuration.settings
        self._proposer = Proposer(settings, reviewing, connections, progress)

    def propose(
        self, promotions: Sequence[Promotion], batch: str | None, *, dry_run: bool
    ) -> list[Proposed]:
        """A pull request for each promotion, or one for all of them in a batch."""
        groups = [tuple(promotions)] if batch else [(p,) for p in promotions]
        return [self._proposed(group, batch, dry_run=dry_run) for group in groups if group]

    def settle(self, reports: Sequence[AppReport], *, dry_run: bool) -> list[Proposed]:
        """What is there already is closed, and what can't be merged now is marked."""
        found = []
        for report in reports:
            branch = app_branch(self._ground.environment.name, report.app)
            there = self._proposer.open.get(branch)
            if there is None or dry_run:
                continue
            if report.outcome is Outcome.ALREADY:
                found.append(self._close(report, there))
            elif report.outcome is Outcome.BLOCKED:
                found.append(self._mark(report, there))
        return found

    def _proposed(
        self, group: tuple[Promotion, ...], batch: str | None, *, dry_run: bool
    ) -> Proposed:
        apps, environment = tuple(p.app for p in group), self._ground.environment.name
        branch = batch_branch(environment, batch) if batch else app_branch(environment, apps[0])
        try:
            self._require_alone(apps, branch)
        except TidegateError as error:
            return Proposed(apps, branch, Action.FAILED, error=error)
        return self._proposer.propose(self._offer(group, apps, branch, batch), dry_run=dry_run)

    def _require_alone(self, apps: tuple[str, ...], branch: str) -> None:
        """Raises ConflictError for an app that another open pull request is about."""
        for name, there in self._proposer.open.items():
            if name == branch or not is_of(name, self._ground.environment.name):
                continue
            twice = sorted(promised_apps(there.body) & set(apps))
            if twice:
                raise ConflictError(
                    f"{twice[0]} is in pull request {there.number} already, of {name}",
                    hint=f"merge or close that one first: {there.url}",
                )

    def _offer(
        self, group: tuple[Promotion, ...], apps: tuple[str, ...], branch: str, batch: str | None
    ) -> Offer:
        ground = self._ground
        plan = make_plan(group, ground.request)
        draft = Draft(ground.snapshot.revision, plan.edits, plan.message)
        story = Story(
            title=plan.message.split("\n", 1)[0],
            environment=ground.environment.name,
            chapters=make_chapters(group, ground.snapshot, ground.configuration, self._connections),
            request=ground.request,
            configuration=ground.configuration,
            batch=batch,
        )
        return Offer(
            apps=apps,
            branch=branch,
            draft=draft,
            diff=diff(ground.snapshot, draft.edits),
            status=_passed(group),
            write=lambda revision: self._write(replace(story, revision=revision)),
        )

    def _close(self, report: AppReport, there: PullRequest) -> Proposed:
        version = report.champion.version if report.champion else ""
        words = f"Version {version} is in {self._ground.environment.name} already."
        return self._proposer.close((report.app,), there, words)

    def _mark(self, report: AppReport, there: PullRequest) -> Proposed:
        blocking = report.verdict.blocking if report.verdict else ()
        words = "; ".join(f"{r.gate}: {r.sentence}" for r in blocking)
        gates = {result.gate for result in blocking}
        marks = [label for gate, label in (("hold", HELD), ("window", FROZEN)) if gate in gates]
        return self._proposer.mark((report.app,), there, words, marks)


def _passed(group: Sequence[Promotion]) -> str:
    gates = dict.fromkeys(result.gate for p in group for result in p.verdict.results)
    return "passed: " + ", ".join(gates)
