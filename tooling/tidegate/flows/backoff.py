"""How long to wait after a lost race for the branch.

Nobody knows how many others compete, but each of them lands only once: so many commits as the
head has moved since one's last try, so many competed at least, and about as many still do. The
wait is drawn from a window in which they have time to land, so that few tries are in vain:

    window = max(2 × this try, 3 × landed × the time that one landing takes)

A landing takes no longer than the shortest try yet, and no longer than the time since the last
try divided by what has landed in it. A try that took long met a busy server or a busy machine:
then the first part keeps the promoters apart.
"""

from __future__ import annotations

import random

_BUSY = 2.0
_CROWDED = 3.0
_LONGEST = 60.0


class Backoff:
    """Waits for one command, in seconds. `draw` gives random numbers between 0 and 1."""

    def __init__(self, draw: random.Random | None = None) -> None:
        # Not for secrets: it only spreads promoters out.
        self._draw = draw or random.Random()  # noqa: S311
        self._shortest = _LONGEST
        self.tries = 0

    def pause(self, *, attempt: float, landed: int, since: float) -> float:
        """How long to wait after a lost try that took `attempt` seconds; `landed` commits have
        come in the `since` seconds from the start of the try before it."""
        self.tries += 1
        self._shortest = min(self._shortest, attempt)
        crowd = _CROWDED * min(since, landed * self._shortest)
        return self._draw.random() * min(max(_BUSY * attempt, crowd), _LONGEST)
