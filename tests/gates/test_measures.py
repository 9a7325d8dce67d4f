"""The gates that look at metrics: `threshold`, `champion`, `sample_size`."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from tests.support.evidence import ask, evidence, spec

from tidegate.domain.app import GateSpec
from tidegate.domain.gate import Status
from tidegate.domain.unavailable import Unavailable
from tidegate.gates.measure import number

NUMBERS = st.floats(-1e9, 1e9, allow_nan=False)
ABSENT = [math.nan, math.inf, -math.inf, None]


@pytest.mark.parametrize(
    ("limits", "value", "passes"),
    [
        ({"minimum": 0.9}, 0.9, True),
        ({"minimum": 0.9}, 0.8999999999, False),
        ({"minimum": 0.1 + 0.2}, 0.3, False),  # 0.30000000000000004 is what was written
        ({"maximum": 40}, 40.0, True),
        ({"maximum": 40}, 40.000001, False),
        ({"minimum": 0, "maximum": 1}, 0.0, True),
        ({"minimum": 0, "maximum": 1}, -0.0, True),
        ({"minimum": 0, "maximum": 1}, -1e-300, False),
        ({"minimum": 0, "maximum": 1}, 1.0, True),
        ({"minimum": -5}, -5.0, True),
    ],
)
def test_limits_are_inclusive(limits: dict[str, float], value: float, passes: bool) -> None:
    result = ask(spec("threshold", metric="auc", **limits), evidence({"auc": value}))
    assert result.status is (Status.PASSED if passes else Status.FAILED)
    assert result.measured == value


@given(NUMBERS, NUMBERS, NUMBERS)
def test_a_better_value_never_fails_where_a_worse_one_passes(
    one: float, two: float, limit: float
) -> None:
    worse, better = sorted((one, two))
    gate = spec("threshold", metric="auc", minimum=limit)
    if ask(gate, evidence({"auc": worse})).status is Status.PASSED:
        assert ask(gate, evidence({"auc": better})).status is Status.PASSED
    gate = spec("threshold", metric="latency", maximum=limit)
    if ask(gate, evidence({"latency": better})).status is Status.PASSED:
        assert ask(gate, evidence({"latency": worse})).status is Status.PASSED


@pytest.mark.parametrize(
    ("candidate", "champion", "margin", "passes"),
    [
        (0.8, 0.85, {"absolute": 0.05}, True),  # in binary 0.85 - 0.05 is more than 0.8
        (0.7999, 0.85, {"absolute": 0.05}, False),
        (0.85, 0.85, {}, True),
        (0.8499999, 0.85, {}, False),
        (0.99, 1.0, {"relative": 0.01}, True),
        (0.9899, 1.0, {"relative": 0.01}, False),
        (-1.1, -1.0, {"relative": 0.1}, True),  # a negative champion's margin points down too
        (-1.2, -1.0, {"relative": 0.1}, False),
        (-0.9, -1.0, {"relative": 0.1}, True),
        (0.0, 0.0, {"relative": 0.1}, True),
        (-0.0001, 0.0, {"relative": 0.1}, False),
        (0.5, 0.4, {"relative": 0}, True),
    ],
)
def test_champion_where_higher_is_better(
    candidate: float, champion: float, margin: dict[str, float], passes: bool
) -> None:
    settings = {"margin": margin} if margin else {}
    gate = spec("champion", metric="auc", **settings)
    result = ask(gate, evidence({"auc": candidate}, {"auc": champion}))
    assert result.status is (Status.PASSED if passes else Status.FAILED)


@pytest.mark.parametrize(
    ("candidate", "champion", "margin", "passes"),
    [
        (30.0, 30.0, {}, True),
        (30.1, 30.0, {}, False),
        (0.3, 0.1, {"absolute": 0.2}, True),  # in binary 0.1 + 0.2 is another number than 0.3
        (33.0, 30.0, {"relative": 0.1}, True),
        (33.01, 30.0, {"relative": 0.1}, False),
        (-9.0, -10.0, {"relative": 0.1}, True),
        (-8.9, -10.0, {"relative": 0.1}, False),
    ],
)
def test_champion_where_lower_is_better(
    candidate: float, champion: float, margin: dict[str, float], passes: bool
) -> None:
    settings = {"margin": margin} if margin else {}
    gate = spec("champion", metric="latency", **settings)
    result = ask(gate, evidence({"latency": candidate}, {"latency": champion}))
    assert result.status is (Status.PASSED if passes else Status.FAILED)
    assert f"{number(candidate)} ms" in result.sentence


@given(NUMBERS, NUMBERS, NUMBERS, st.sampled_from(["absolute", "relative"]), st.floats(0, 1))
def test_no_candidate_fares_worse_for_being_better(
    one: float, two: float, champion: float, kind: str, margin: float
) -> None:
    low, high = sorted((one, two))
    for metric, worse, better in (("auc", low, high), ("latency", high, low)):
        gate = spec("champion", metric=metric, margin={kind: margin})
        if ask(gate, evidence({metric: worse}, {metric: champion})).status is Status.PASSED:
            after = ask(gate, evidence({metric: better}, {metric: champion}))
            assert after.status is Status.PASSED


@given(NUMBERS, st.sampled_from(["absolute", "relative"]), st.floats(0, 1))
def test_the_champion_itself_always_passes(value: float, kind: str, margin: float) -> None:
    for metric in ("auc", "latency"):
        gate = spec("champion", metric=metric, margin={kind: margin})
        assert ask(gate, evidence({metric: value}, {metric: value})).status is Status.PASSED


@given(st.decimals(0, 1, places=3), st.decimals(0, 1, places=3))
def test_the_margin_is_decimal(champion: Decimal, margin: Decimal) -> None:
    candidate = float(champion - margin)
    gate = spec("champion", metric="auc", margin={"absolute": float(margin)})
    known = evidence({"auc": candidate}, {"auc": float(champion)})
    assert ask(gate, known).status is Status.PASSED


def test_the_first_version_has_no_champion_and_says_so() -> None:
    result = ask(spec("champion", metric="auc"), evidence({"auc": 0.1}))
    assert result.status is Status.SKIPPED
    assert "no champion" in result.sentence


def test_the_first_version_needs_its_metric_all_the_same() -> None:
    assert ask(spec("champion", metric="auc"), evidence({})).status is Status.ERRORED


@pytest.mark.parametrize("value", ABSENT)
@pytest.mark.parametrize(
    "gate",
    [
        spec("threshold", metric="auc", minimum=0.1),
        spec("threshold", metric="auc", maximum=0.1),
        spec("champion", metric="auc"),
        spec("champion", metric="auc", margin={"relative": 1}),
        spec("sample_size", metric="auc", minimum=1),
    ],
)
def test_what_is_no_number_is_errored_and_blocks(gate: GateSpec, value: float | None) -> None:
    metrics = {"other": 1.0} if value is None else {"auc": value}
    result = ask(gate, evidence(metrics, {"auc": 0.5}))
    assert result.status is Status.ERRORED
    assert result.status.blocks
    assert "auc" in result.sentence


@pytest.mark.parametrize("value", ABSENT)
def test_a_champion_without_a_number_blocks(value: float | None) -> None:
    metrics = {} if value is None else {"auc": value}
    result = ask(spec("champion", metric="auc"), evidence({"auc": 0.9}, metrics))
    assert result.status is Status.ERRORED
    assert "the champion, version 1" in result.sentence


@pytest.mark.parametrize("run", [None, Unavailable("the registry is down")])
@pytest.mark.parametrize(
    "gate",
    [
        spec("threshold", metric="auc", minimum=0),
        spec("champion", metric="auc"),
        spec("sample_size", minimum=1),
    ],
)
def test_no_run_is_errored(gate: GateSpec, run: Unavailable | None) -> None:
    result = ask(gate, evidence(run=run))
    assert result.status is Status.ERRORED
    assert result.sentence == (run.reason if run else "the model version has no run")


@pytest.mark.parametrize("run", [None, Unavailable("the run was deleted")])
def test_a_champion_whose_run_is_gone_blocks(run: Unavailable | None) -> None:
    known = evidence({"auc": 0.9}, champion=None, champion_run=run)
    assert ask(spec("champion", metric="auc"), known).status is Status.SKIPPED
    known = evidence({"auc": 0.9}, {"auc": 0.1}, champion_run=run)
    assert ask(spec("champion", metric="auc"), known).status is Status.ERRORED


def test_a_metric_that_the_app_does_not_declare_blocks() -> None:
    result = ask(spec("champion", metric="f1"), evidence({"f1": 0.9}, {"f1": 0.1}))
    assert result.status is Status.ERRORED


@pytest.mark.parametrize(
    ("count", "status"),
    [
        (300.0, Status.PASSED),
        (299.0, Status.FAILED),
        (0.0, Status.FAILED),
        (2.0**53, Status.PASSED),
        (2.0**53 + 2, Status.ERRORED),
        (1e300, Status.ERRORED),
        (300.5, Status.ERRORED),
        (-300.0, Status.ERRORED),
    ],
)
def test_sample_size(count: float, status: Status) -> None:
    result = ask(spec("sample_size", minimum=300), evidence({"example_count": count}))
    assert result.status is status
    assert len(result.sentence) < 100


def test_one_example_is_one() -> None:
    result = ask(spec("sample_size", minimum=1), evidence({"example_count": 1.0}))
    assert result.sentence == "evaluated on 1 example, at least 1 as required"


def test_a_failure_shows_as_many_digits_as_tell_the_values_apart() -> None:
    gate = spec("threshold", metric="auc", minimum=0.9)
    result = ask(gate, evidence({"auc": 0.89999999}))
    assert result.sentence == "auc is 0.89999999, below the least allowed 0.9"
    result = ask(spec("champion", metric="auc"), evidence({"auc": 0.12345678}, {"auc": 0.12345679}))
    assert "0.12345678" in result.sentence
    assert "0.12345679" in result.sentence


@given(NUMBERS, NUMBERS)
def test_different_numbers_never_look_the_same(one: float, two: float) -> None:
    assume(one != two)
    assert number(one, two) != number(two, one)


def test_a_limit_beyond_every_number_is_not_reported_as_one() -> None:
    gate = spec("champion", metric="latency", margin={"relative": 1})
    result = ask(gate, evidence({"latency": 1.0}, {"latency": 1.7e308}))
    assert result.status is Status.PASSED
    assert result.limit is None


def test_a_gate_that_breaks_is_errored() -> None:
    result = ask(spec("threshold", metric="auc", minimum="much"), evidence({"auc": 1.0}))
    assert result.status is Status.ERRORED
    assert "broke" in result.sentence
    result = ask(spec("no such gate"), evidence())
    assert result.status is Status.ERRORED
