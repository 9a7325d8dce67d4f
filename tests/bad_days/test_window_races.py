"""The time passes between judging and pushing."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

import pytest
from tests.bad_days.test_races import prepare, push_in_between
from tests.support.gitops import GATES, World, make_world, sample_files
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
    mlflow_template,
)
from tests.support.waivers import FILE, entry, waivers_file

from tidegate.cli.parser import build
from tidegate.cli.wiring import Wiring
from tidegate.domain.gate import Status
from tidegate.domain.promotion import Outcome, PromotionReport, Request
from tidegate.flows.promote import promote

# A Friday in the afternoon, when dev freezes for the weekend at five.
BEFORE = datetime(2026, 11, 27, 16, 59, tzinfo=UTC)
FREEZE = """\
  - gate: window
    windows: [{kind: deny, schedule: '0 17 * * 5', duration: 63h}]
"""


class Slow(Wiring):
    """After a lost race it is a minute and a half later."""

    late = BEFORE

    def now(self) -> datetime:
        return self.late

    def wait(self, seconds: float) -> None:
        self.late = BEFORE.replace(hour=17, minute=0, second=30)


@pytest.fixture
def world(tmp_path: Path, mlflow_store: MlflowStore) -> World:  # noqa: F811
    gates = {**GATES, "dev": GATES["dev"] + FREEZE}
    return make_world(tmp_path, mlflow_store, sample_files(["shop"], gates))


def promote_slowly(world: World) -> PromotionReport:
    words = ["--root", str(world.clone), "promote", "shop", "--to", "dev"]
    arguments = build(words).parse_args(words)
    with patch.dict(os.environ, world.environ):
        return promote(Request("dev", ("shop",)), Slow(arguments), lambda text: None, str)


def failed(report: PromotionReport) -> set[str]:
    """The gates that say no."""
    (app,) = report.apps
    assert app.verdict is not None
    return {r.gate for r in app.verdict.results if r.status is Status.FAILED}


def test_a_window_that_closes_meanwhile_counts(world: World) -> None:
    world.register("shop", alias="candidate")
    push_in_between(world, prepare(world, {"README.md": "theirs"}))
    report = promote_slowly(world)
    assert report.outcome is Outcome.BLOCKED
    assert failed(report) == {"window"}
    assert world.commits()[0] == "theirs"


def test_without_a_race_the_look_before_counts(world: World) -> None:
    world.register("shop", alias="candidate")
    assert promote_slowly(world).outcome is Outcome.PROMOTED


def test_a_waiver_that_runs_out_meanwhile_counts_no_more(world: World) -> None:
    world.register("shop", metrics={"auc": 0.9}, alias="candidate")
    assert promote_slowly(world).outcome is Outcome.PROMOTED
    waived = entry(expires="2026-11-27T17:00:00Z")
    world.push({FILE: waivers_file(waived)})
    world.register("shop", metrics={"auc": 0.88}, alias="candidate")
    push_in_between(world, prepare(world, {"README.md": "theirs"}))
    report = promote_slowly(world)
    assert report.outcome is Outcome.BLOCKED
    assert "champion:auc" in failed(report)
