"""What the model registry is told, and what it isn't."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from tests.support.evidence import APP, NOW
from tests.support.observations import GOAL, REVISION

from tidegate.domain.configuration import Settings
from tidegate.domain.live import Lineage, Live, LiveState, Relation
from tidegate.domain.live_mark import LiveMark
from tidegate.domain.sync import Aim, AppEnding, SyncReport
from tidegate.errors import InputError, TidegateError, Unreachable
from tidegate.flows.remember import remember
from tidegate.ports import Connections

AIM = Aim(APP, "shop-model", "2", GOAL)


@dataclass
class Outside:
    """The branch and the registry: `error` is met by whoever writes, `closed` by who connects."""

    relation: Relation = Relation.OURS
    error: TidegateError | None = None
    closed: TidegateError | None = None
    moved: bool = True
    marks: list[LiveMark] = field(default_factory=list)
    revision: str = REVISION

    @property
    def repository(self) -> Outside:
        return self

    def fetch(self) -> Outside:
        return self

    def now(self) -> Any:
        return NOW

    def live_record(self, settings: Settings) -> Outside:
        assert isinstance(settings, Settings)
        if self.closed:
            raise self.closed
        return self

    def record(self, mark: LiveMark) -> bool:
        if self.error:
            raise self.error
        self.marks.append(mark)
        return self.moved

    def of(self, revision: str, aim: Aim) -> Lineage:
        assert aim is AIM
        return Lineage(revision, self.relation)


def told(outside: Outside, kind: Live = Live.LIVE) -> SyncReport:
    report = SyncReport("prod", "", (AppEnding(AIM, LiveState(kind, "why"), (), 1.0),))
    return remember(report, outside, cast(Connections, outside), Settings())


def test_what_is_live_is_written_down() -> None:
    outside = Outside()
    report = told(outside)
    (mark,) = outside.marks
    assert (mark.alias, mark.version, mark.at) == ("shop-prod", "2", NOW)
    assert report.apps[0].notes == ("the alias shop-prod names version 2",)
    assert report.warnings == ()
    assert told(Outside(moved=False)).apps[0].notes[0].endswith("already named version 2")


def test_what_is_not_live_never_is() -> None:
    for kind in set(Live) - {Live.LIVE}:
        outside = Outside()
        assert told(outside, kind).apps[0].notes == ()
        assert outside.marks == []


def test_what_was_overtaken_meanwhile_is_left_alone() -> None:
    outside = Outside(Relation.OTHER)
    assert "left to the commit that came after" in told(outside).apps[0].notes[0]
    assert outside.marks == []


def test_a_registry_that_is_down_is_a_warning() -> None:
    down = Unreachable("MLflow does not answer")
    for outside in (Outside(error=down), Outside(closed=InputError("none is named"))):
        report = told(outside)
        assert "moves it later" in report.warnings[0]
        assert report.exit_code == 0
