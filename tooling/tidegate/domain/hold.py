"""A hold: somebody wants an app, or a whole environment, to stay as it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Hold:
    """`until` is when it ends by itself; None means that somebody must lift it. `whole` says
    that it holds the environment, not one app."""

    by: str
    reason: str
    until: datetime | None
    whole: bool

    def active(self, now: datetime) -> bool:
        """Whether it still holds; `now` is aware of its time zone."""
        return self.until is None or now < self.until
