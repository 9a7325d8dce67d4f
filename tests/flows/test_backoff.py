"""How long a promoter waits after a lost race."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tidegate.flows.backoff import Backoff

SECONDS = st.floats(0, 1000, allow_nan=False)
TRIES = st.lists(st.tuples(SECONDS, st.integers(0, 10_000), SECONDS), min_size=1, max_size=30)


@given(TRIES, st.integers())
def test_waits_are_bounded(tries: list[tuple[float, int, float]], seed: int) -> None:
    backoff = Backoff(random.Random(seed))
    for attempt, landed, since in tries:
        assert 0 <= backoff.pause(attempt=attempt, landed=landed, since=since) <= 60
    assert backoff.tries == len(tries)


@given(SECONDS, st.integers(0, 50), st.integers(1, 50), SECONDS, st.integers())
def test_the_more_landed_the_longer(
    attempt: float, few: int, more: int, since: float, seed: int
) -> None:
    waits = [
        Backoff(random.Random(seed)).pause(attempt=attempt, landed=landed, since=since)
        for landed in (few, few + more)
    ]
    assert waits[0] <= waits[1]


def test_promoters_are_spread_out() -> None:
    waits = {
        Backoff(random.Random(seed)).pause(attempt=1, landed=10, since=10) for seed in range(50)
    }
    assert len(waits) == 50
    assert max(waits) - min(waits) > 15
