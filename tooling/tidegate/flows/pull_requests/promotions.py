"""Judged promotions → pull requests: one an app and environment, or one of several apps by name.

What is there already is closed, and what a gate says no to is marked; a rollback is left alone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace

from tidegate.domain.app import Environment
from tidegate.domain.configuration import Configuration
from tidegate.domain.draft import Draft
from tidegate.domain.promised import Kind, read_promise
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

    def propose(self, promotions: Sequence[Promotion], *, dry_run: bool) -> list[Proposed]:
        """A pull request for each promotion, or one for all of them in a batch."""
        batch = self._ground.request.batch
        groups = [tuple(promotions)] if batch else [(p,) for p in promotions]
        if not dry_run and not batch:
            environment = self._ground.environment.name
            self._proposer.bring([app_branch(environment, p.app) for p in promotions])
        return [self._proposed(group, batch, dry_run=dry_run) for group in groups if group]

    def settle(
        self, reports: Sequence[AppReport], made: Sequence[Proposed], *, dry_run: bool
    ) -> list[Proposed]:
        """Others than those `made` just now: what is there already is closed, and what can't be
        merged now is marked, once for all the apps of a batch."""
        ended = {r.app: r for r in reports if r.outcome in (Outcome.ALREADY, Outcome.BLOCKED)}
        if dry_run or not ended:
            return []
        fresh, found = {item.branch for item in made}, []
        for branch, there in self._proposer.open.items():
            promise = read_promise(there.body)
            if branch in fresh or promise.kind is Kind.ROLLBACK:
                continue
            apps = self._apps_of(branch, promise.apps, ended)
            here = [ended[app] for app in sorted(apps) if app in ended]
            if here:
                found.append(self._settle(there, apps, here))
        return found

    def _apps_of(
        self, branch: str, promised: frozenset[str], ended: Collection[str]
    ) -> frozenset[str]:
        """The apps that a branch is about: its name is better to be trusted than its text."""
        environment, batch = self._ground.environment.name, self._ground.request.batch
        room = app_branch(environment, "")
        if branch.startswith(room):
            return frozenset([branch.removeprefix(room)])
        if not is_of(branch, environment):
            return frozenset()
        asked = batch is not None and branch == batch_branch(environment, batch)
        return promised or frozenset(ended if asked else ())

    def _proposed(
        self, group: tuple[Promotion, ...], batch: str | None, *, dry_run: bool
    ) -> Proposed:
        apps, environment = tuple(p.app for p in group), self._ground.environment.name
        branch = batch_branch(environment, batch) if batch else app_branch(environment, apps[0])
        try:
            self._require_alone(apps, branch)
        except TidegateError as error:
            return Proposed(apps, branch, Action.FAILED, error=error)
        return self._proposer.propose(self._offer(group, apps, branch), dry_run=dry_run)

    def _require_alone(self, apps: tuple[str, ...], branch: str) -> None:
        """Raises ConflictError for an app that another open pull request is about, and for one
        that is to go back: a newer candidate doesn't take that away unseen."""
        for name, there in self._proposer.open.items():
            promise = read_promise(there.body)
            back = promise.kind is Kind.ROLLBACK
            if (name == branch and not back) or not is_of(name, self._ground.environment.name):
                continue
            twice = sorted(promise.apps & set(apps))
            if twice:
                where = f"pull request {there.number}"
                said = f"{where} takes {twice[0]} back" if back else f"{twice[0]} is in {where}"
                raise ConflictError(
                    f"{said} already, of {name}",
                    hint=f"merge or close that one first: {there.url}",
                )

    def _offer(self, group: tuple[Promotion, ...], apps: tuple[str, ...], branch: str) -> Offer:
        ground = self._ground
        plan = make_plan(group, ground.request)
        draft = Draft(ground.snapshot.revision, plan.edits, plan.message)
        story = Story(
            environment=ground.environment.name,
            chapters=make_chapters(group, ground.snapshot, ground.configuration, self._connections),
            request=ground.request,
            configuration=ground.configuration,
        )
        return Offer(
            apps=apps,
            branch=branch,
            draft=draft,
            diff=diff(ground.snapshot, draft.edits),
            status=_passed(group),
            write=lambda revision: self._write(replace(story, revision=revision)),
            wants_owners=any(_wants_owners(promotion) for promotion in group),
        )

    def _settle(
        self, there: PullRequest, apps: frozenset[str], here: Sequence[AppReport]
    ) -> Proposed:
        names = [report.app for report in here]
        blocked = [report for report in here if report.outcome is Outcome.BLOCKED]
        if blocked:
            return self._mark(names, there, blocked)
        words = self._already(here, several=len(apps) > 1)
        if apps <= set(names):
            return self._proposer.close(names, there, words)
        return self._proposer.mark(names, there, f"{words} Propose the others without.", ())

    def _already(self, here: Sequence[AppReport], *, several: bool) -> str:
        versions = [(r.app, r.champion.version if r.champion else "") for r in here]
        listed = ", ".join(
            f"{version} of {app}" if several else version for app, version in versions
        )
        return f"Version {listed} is in {self._ground.environment.name} already."

    def _mark(
        self, apps: Sequence[str], there: PullRequest, blocked: Sequence[AppReport]
    ) -> Proposed:
        """Says on the head that a gate says no, and by a label that it is held or frozen."""
        blocking = [result for r in blocked if r.verdict for result in r.verdict.blocking]
        words = "; ".join(dict.fromkeys(f"{r.gate}: {r.sentence}" for r in blocking))
        gates = {result.gate for result in blocking}
        marks = [label for gate, label in (("hold", HELD), ("window", FROZEN)) if gate in gates]
        return self._proposer.mark(apps, there, words, marks)


def _passed(group: Sequence[Promotion]) -> str:
    gates = dict.fromkeys(result.gate for p in group for result in p.verdict.results)
    return "passed: " + ", ".join(gates)


def _wants_owners(promotion: Promotion) -> bool:
    """Whether owners have to agree, which is asked at the merge."""
    return any(result.gate.partition(":")[0] == "approval" for result in promotion.verdict.results)
