"""How the commits that Argo CD is at stand to the one that is waited for, as Git has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Protocol

from tidegate.domain.application import ERROR, FAILED, Application
from tidegate.domain.live import Lineage, Relation
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.sync import Aim
from tidegate.errors import NotFound, TidegateError
from tidegate.ports import Repository
from tidegate.repository.layout import overlay_file, release_file
from tidegate.repository.overlay import read_overlay
from tidegate.repository.release import read_release

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")
# Asking the remote for a commit that it may never have is slow.
_PAUSE = 5.0


class Lineages(Protocol):
    """Who knows how commits stand to each other."""

    def of(self, revision: str, aim: Aim) -> Lineage:
        """The lineage of what Argo CD says that it is at."""

    def carries(self, revision: str, aim: Aim) -> bool:
        """Whether a commit, before ours or after it, is known to have our digest."""


def was_tried(application: Application, lineage: Lineage, aim: Aim, lineages: Lineages) -> bool:
    """Whether the last sync failed at a commit that carries our digest, and Argo CD has gone on
    to another since, whose `lineage` this is."""
    last = application.operation
    if last is None or last.phase not in (FAILED, ERROR) or last.revision is None:
        return False
    # Only where Git knows the later one it can be asked for the one before.
    gone_on = last.revision != application.revision and lineage.relation is Relation.OURS
    return gone_on and lineages.carries(last.revision, aim)


def is_halved(application: Application, aim: Aim, lineages: Lineages) -> bool:
    """Whether somebody synced single objects last, and the last whole sync that succeeded is known
    to have brought another digest. Argo CD itself heals single objects only after one that did."""
    last, whole = application.operation, application.deployed
    if last is None or not last.partial or last.automated or whole is None:
        return False
    known = lineages.of(whole, aim).relation is not Relation.UNKNOWN
    return known and not lineages.carries(whole, aim)


class Ancestry:
    """Answers about one environment, each looked up once. `remaining` has the seconds that are
    left for the whole command."""

    def __init__(
        self, repository: Repository, environment: str, remaining: Callable[[], float]
    ) -> None:
        self._repository = repository
        self._environment = environment
        self._remaining = remaining
        self._fetched_at: float | None = None
        self._known: dict[tuple[str, str, str], Lineage] = {}
        self._snapshots: dict[str, Snapshot | None] = {}
        self._carried: dict[tuple[str, str, str], bool] = {}

    def of(self, revision: str, aim: Aim) -> Lineage:
        """The lineage of what Argo CD says that it is at. Never raises: what Git can't tell now
        is UNKNOWN, and may be asked again."""
        if not revision:
            return Lineage(revision, Relation.UNKNOWN)
        key = (revision, aim.app.name, aim.goal.revision)
        if key in self._known:
            return self._known[key]
        try:
            return self._of_name(revision, aim) or self._of_commit(revision, aim, key)
        except TidegateError:
            return Lineage(revision, Relation.UNKNOWN)

    def carries(self, revision: str, aim: Aim) -> bool:
        """Never raises: what can't be read carries nothing. Each commit is looked up once."""
        key = (revision, aim.app.name, aim.goal.digest)
        if key in self._carried:
            return self._carried[key]
        try:
            snapshot = self._snapshot(revision) if _COMMIT.fullmatch(revision) else None
            found = snapshot is not None and self._digest(snapshot, aim) == aim.goal.digest
        except TidegateError:
            found = False
        self._carried[key] = found
        return found

    def _of_name(self, name: str, aim: Aim) -> Lineage | None:
        """A branch's name stands where no manifest could be made: that is never ours, but it
        may be somebody's after us."""
        if _COMMIT.fullmatch(name):
            return None
        if name == self._repository.branch and self._may_fetch():
            later = self._look_up(self._fetch(), aim)
            if later.relation is Relation.OTHER:
                return later
        return Lineage(name, Relation.UNKNOWN)

    def _of_commit(self, revision: str, aim: Aim, key: tuple[str, str, str]) -> Lineage:
        if self._snapshot(revision) is None:
            if not self._may_fetch():
                return Lineage(revision, Relation.UNKNOWN)
            self._fetch()
            if self._snapshot(revision) is None:
                return Lineage(revision, Relation.UNKNOWN)
        self._known[key] = self._look_up(revision, aim)
        return self._known[key]

    def _look_up(self, revision: str, aim: Aim) -> Lineage:
        if not self._repository.contains(revision, aim.goal.revision):
            return Lineage(revision, Relation.BEFORE)
        snapshot = self._snapshot(revision)
        if snapshot is None:
            return Lineage(revision, Relation.UNKNOWN)
        if self._digest(snapshot, aim) == aim.goal.digest:
            return Lineage(revision, Relation.OURS)
        return self._other(snapshot, aim)

    def _digest(self, snapshot: Snapshot, aim: Aim) -> str | None:
        """What the overlay says, for that is what is rendered; None where it is gone."""
        path = overlay_file(snapshot, self._environment, aim.app.name)
        if path is None or not snapshot.is_file(path):
            return None
        return read_overlay(path, snapshot.read(path), aim.app.image).digest

    def _other(self, snapshot: Snapshot, aim: Aim) -> Lineage:
        """Who brought the other digest: the last commit that changed the release."""
        path = release_file(self._environment, aim.app.name)
        commits = self._repository.history(snapshot.revision, [path])
        try:
            release = read_release(snapshot, self._environment, aim.app.name)
        except TidegateError:
            release = None
        return Lineage(
            snapshot.revision,
            Relation.OTHER,
            commits[0].revision if commits else None,
            release.version if release else None,
            commits[0].author if commits else None,
        )

    def _snapshot(self, revision: str) -> Snapshot | None:
        if self._snapshots.get(revision) is None:
            try:
                self._snapshots[revision] = self._repository.snapshot(revision)
            except NotFound:
                self._snapshots[revision] = None
        return self._snapshots[revision]

    def _may_fetch(self) -> bool:
        return self._fetched_at is None or self._fetched_at - self._remaining() >= _PAUSE

    def _fetch(self) -> str:
        self._fetched_at = self._remaining()
        snapshot = self._repository.fetch()
        self._snapshots[snapshot.revision] = snapshot
        return snapshot.revision
