"""What depends on the repository alone: gate `order`, holds, and the target's own record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from tests.support.evidence import DEV, DIGEST, IMAGE, NOW, OTHER, ask, evidence, release, spec

from tidegate.domain.gate import Status
from tidegate.domain.hold import Hold
from tidegate.domain.release import OverlayState, Release
from tidegate.gates import judge

UPSTREAM = replace(release("2", DIGEST), environment="staging")
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("upstream", "status", "words"),
    [
        (UPSTREAM, Status.PASSED, "this very version"),
        (None, Status.FAILED, "promote version 2 there first"),
        (replace(UPSTREAM, version="3"), Status.FAILED, "runs version 3, not 2"),
        (replace(UPSTREAM, version="1"), Status.FAILED, "runs version 1, not 2"),
        (replace(UPSTREAM, model="another"), Status.FAILED, "promote version 2"),
        (replace(UPSTREAM, image=IMAGE.with_digest(OTHER)), Status.FAILED, "another image"),
        (replace(UPSTREAM, image=IMAGE.with_digest(None)), Status.FAILED, "another image"),
    ],
)
def test_order(upstream: Release | None, status: Status, words: str) -> None:
    result = ask(spec("order"), evidence(upstream=upstream))
    assert result.status is status
    assert words in result.sentence


def test_nothing_comes_before_the_first_environment() -> None:
    result = ask(spec("order"), evidence(environment=DEV, upstream=None))
    assert result.status is Status.SKIPPED


def held(*holds: Hold) -> list[tuple[str, Status]]:
    return [(r.gate, r.status) for r in judge([], evidence(holds=holds)).results]


@pytest.mark.parametrize(
    ("until", "holds"),
    [
        (None, True),
        (NOW + MINUTE, True),
        (NOW, False),
        (NOW - MINUTE, False),
        # the same moments, as clocks elsewhere show them
        ((NOW + MINUTE).astimezone(timezone(timedelta(hours=-9, minutes=-30))), True),
        ((NOW - MINUTE).astimezone(timezone(timedelta(hours=14))), False),
    ],
)
@pytest.mark.parametrize("whole", [True, False])
def test_a_hold_blocks_until_it_ends(until: datetime | None, holds: bool, whole: bool) -> None:
    hold = Hold("Ann", "the sale", until, whole)
    assert held(hold) == ([("hold", Status.FAILED)] if holds else [])
    assert held(Hold("Bob", "over", NOW - MINUTE, not whole), hold) == held(hold)


def test_a_hold_says_who_why_and_what() -> None:
    (result,) = judge([], evidence(holds=(Hold("Ann", "the sale", None, False),))).results
    assert result.sentence == "shop is held by Ann: the sale"
    (result,) = judge([], evidence(holds=(Hold("Ann", "the sale", NOW + MINUTE, True),))).results
    assert result.sentence == "prod is held by Ann until 2026-03-01 12:01 UTC: the sale"


def test_a_hold_whose_end_has_no_zone_never_lets_anything_pass() -> None:
    naive = Hold("Ann", "x", datetime(2020, 1, 1), False)
    with pytest.raises(TypeError):
        judge([], evidence(holds=(naive,)))


STATE = OverlayState(IMAGE.name, "v1", OTHER, "1")


@pytest.mark.parametrize(
    ("overlay", "words"),
    [
        (STATE, None),
        (replace(STATE, repository="evil.example.com/x"), "image: the overlay says evil"),
        (replace(STATE, tag="v9"), "tag: the overlay says v9, the release v1"),
        (replace(STATE, tag=None), "tag: the overlay says nothing"),
        (replace(STATE, digest=DIGEST), "digest: "),
        (replace(STATE, version="9"), "version label: "),
    ],
)
def test_an_edit_by_hand_blocks(overlay: OverlayState, words: str | None) -> None:
    results = judge([], evidence(champion=release(), overlay=overlay)).results
    if words is None:
        assert results == ()
    else:
        (result,) = results
        assert (result.gate, result.status) == ("record", Status.ERRORED)
        assert result.details[0].startswith(words)


def test_an_overlay_that_was_never_promoted_has_no_record_to_break() -> None:
    assert judge([], evidence(overlay=STATE)).results == ()


def test_results_keep_the_configured_order_after_what_is_always_asked() -> None:
    known = evidence(
        champion=release(), overlay=replace(STATE, tag="x"), holds=(Hold("A", "b", None, False),)
    )
    specs = [spec("render"), spec("order"), spec("scan", highest="LOW")]
    verdict = judge(specs, known)
    assert [r.gate for r in verdict.results] == ["hold", "record", "render", "order", "scan"]
    assert not verdict.passed
    assert len(verdict.blocking) == 5
