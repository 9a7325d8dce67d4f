"""The comment that tells how a pull request gets on."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from tests.support.markdown import read

from tidegate.domain.progress import OVER, Course, Stage, Step, says_the_same
from tidegate.report.pull_requests.progress import write

COMMIT = "a" * 40
HOSTILE = "a|b `c` <img src=x> --> @all #1 [x](http://e)\n## h GH-1 ![p](http://p) \u202e \n/close"


def at(minute: int) -> datetime:
    return datetime(2026, 1, 2, 3, minute, tzinfo=UTC)


def test_each_stage_has_its_row_with_time_commit_and_page() -> None:
    page = "https://ci.example/runs/1?a=b"
    steps = (
        Step(Stage.OPENED, at=at(4)),
        Step(Stage.PASSED, "tidegate/verify", url=page),
        Step(Stage.MERGED, at=at(5), revision=COMMIT),
        Step(Stage.SYNCING, "shop to prod"),
    )
    text = write(Course(steps))
    _, *rows = [[cell.strip() for cell in row] for row in read(text).rows]
    assert rows == [
        ["✅", "opened", "", "2026-01-02 03:04 UTC"],
        ["✅", "check passed", "tidegate/verify", ""],
        ["✅", "merged", COMMIT, "2026-01-02 03:05 UTC"],
        ["⏳", "syncing", "shop to prod", ""],
    ]
    assert f"(<{page}>)" in text
    assert not text.endswith(OVER)


@pytest.mark.parametrize("stage", list(Stage))
def test_nothing_from_outside_leaves_its_cell(stage: Stage) -> None:
    url = 'https://e.example/"><img src=x>)|'
    text = write(Course((Step(stage, HOSTILE, at(4), HOSTILE, url),)))
    page = read(text)
    assert {"img", "a", "h2"}.isdisjoint(page.tags)
    assert [len(row) for row in page.rows] == [4, 4]
    assert "e.example" not in text
    for sign in ("@all", "#1", "GH-1", "\u202e"):
        assert sign not in page.text
    assert not any(line.startswith("/") for line in text.splitlines())


def test_it_stays_short_and_says_what_it_leaves_out() -> None:
    steps = tuple(Step(Stage.LIVE, f"app-{n} " + "x" * 1000, at(4)) for n in range(500))
    text = write(Course(steps))
    assert len(text) < 60_000
    assert "and 440 more" in text
    assert text.endswith(OVER)


@pytest.mark.parametrize(
    ("stages", "over"),
    [
        ([Stage.MERGED], False),
        ([Stage.MERGED, Stage.SYNCING], False),
        ([Stage.LIVE, Stage.SYNCING], False),
        ([Stage.LIVE, Stage.FAILED, Stage.ROLLED_BACK], True),
    ],
)
def test_it_is_over_when_nothing_is_under_way(stages: list[Stage], over: bool) -> None:
    assert Course(tuple(map(Step, stages))).over is over


def test_times_alone_make_no_other_text() -> None:
    one, two = (write(Course((Step(Stage.LIVE, "shop", at(n)),))) for n in (4, 5))
    assert one != two
    assert says_the_same(one, two)
    assert not says_the_same(one, write(Course((Step(Stage.FAILED, "shop", at(4)),))))
