"""The gate `soak`: each answer, the limit itself, and any evidence at all."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import DEV, DIGEST, NOW, OTHER, ask, evidence, spec

from tidegate.domain.gate import GateResult, Status
from tidegate.domain.live import Live
from tidegate.domain.soak import Soak
from tidegate.domain.unavailable import Unavailable

HOUR = timedelta(hours=1)


def soak(**changes: Any) -> Soak:
    values: dict[str, Any] = {
        "digest": DIGEST,
        "kind": Live.LIVE,
        "reason": "why",
        "committed": NOW - 48 * HOUR,
        "healthy": 48 * HOUR,
    }
    return Soak(**(values | changes))


def judge(known: Soak | Unavailable | None, **more: Any) -> GateResult:
    return ask(spec("soak", **{"for": "24h"}), evidence(soak=known, **more))


def test_the_limit_itself() -> None:
    assert judge(soak(healthy=24 * HOUR)).status is Status.PASSED
    assert judge(soak(healthy=24 * HOUR - timedelta(seconds=1))).status is Status.FAILED
    assert judge(soak(committed=NOW - 24 * HOUR)).status is Status.PASSED
    assert judge(soak(committed=NOW - 23 * HOUR)).status is Status.FAILED


def test_the_later_of_commit_and_health_counts() -> None:
    result = judge(soak(committed=NOW - 2 * HOUR, healthy=72 * HOUR))
    assert (result.status, result.measured, result.limit) == (Status.FAILED, "2h", "1d")
    assert judge(soak(healthy=timedelta(minutes=90))).measured == "1h30m"
    # A commit from the future, of a clock that is wrong, has soaked for no time.
    assert judge(soak(committed=NOW + HOUR)).measured == "0m"


@pytest.mark.parametrize(
    "known",
    [
        None,
        Unavailable("Argo CD does not answer"),
        soak(kind=Live.UNKNOWN),
        soak(healthy=None),
    ],
)
def test_what_cannot_be_told_is_errored(known: Soak | Unavailable | None) -> None:
    assert judge(known).status is Status.ERRORED


def test_what_is_not_live_there_fails() -> None:
    for kind in set(Live) - {Live.LIVE, Live.UNKNOWN}:
        assert judge(soak(kind=kind)).status is Status.FAILED
    assert judge(soak(digest=OTHER)).status is Status.FAILED


def test_the_first_environment_skips() -> None:
    assert judge(None, environment=DEV).status is Status.SKIPPED


@given(
    st.builds(
        soak,
        digest=st.sampled_from([DIGEST, OTHER]),
        kind=st.sampled_from(Live),
        committed=st.timedeltas(-99 * HOUR, 99 * HOUR).map(lambda d: NOW + d),
        healthy=st.none() | st.timedeltas(-99 * HOUR, 99 * HOUR),
    )
)
def test_it_never_passes_with_less(known: Soak) -> None:
    result = judge(known)
    if result.status is Status.PASSED:
        assert (known.kind, known.digest) == (Live.LIVE, DIGEST)
        assert known.healthy is not None
        assert known.healthy >= 24 * HOUR
        assert NOW - known.committed >= 24 * HOUR
