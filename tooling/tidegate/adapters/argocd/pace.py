"""How a watch passes the time: it tells its caller something at every tick, and waits ever longer
between connections that fail."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator

from tidegate.domain.application import ApplicationEvent

_TICK_SECONDS = 1.0
_LONGEST_PAUSE = 10.0


class Pace:
    """`tick` is in seconds; `clock` never goes back."""

    def __init__(
        self,
        *,
        tick: float = _TICK_SECONDS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self._tick, self._clock, self._sleep, self._jitter = tick, clock, sleep, jitter
        self._told = clock()

    def time(self) -> float:
        """What the clock shows, in seconds."""
        return self._clock()

    def left(self) -> float:
        """The seconds until the next tick."""
        return self._told + self._tick - self._clock()

    def tell(self, events: Iterator[ApplicationEvent]) -> Iterator[ApplicationEvent]:
        """The events, each of which counts as a tick."""
        for event in events:
            self._told = self._clock()
            yield event

    def tick(self) -> Iterator[None]:
        """None where a tick is due; nothing else."""
        if self.left() <= 0:
            self._told = self._clock()
            yield None

    def pause(self, first: float, failures: int) -> Iterator[None]:
        """Lets time pass before the next connection, in ticks: longer after each failure in a row,
        and never for two watches alike. `first` is in seconds."""
        seconds = min(first * 2**failures, _LONGEST_PAUSE) * (0.5 + self._jitter() / 2)
        ends = self._clock() + seconds
        while (left := ends - self._clock()) > 0:
            self._sleep(min(left, self._tick))
            yield from self.tick()
