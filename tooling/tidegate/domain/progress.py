"""How a pull request gets on, from its opening until what it brought is live, or back again."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

# The comment that is kept begins with it, and ends with OVER as soon as nothing more is to come.
MARKER, OVER = "<!-- tidegate:progress -->", "<!-- tidegate:over -->"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2} UTC")


class Stage(StrEnum):
    """Where it is on its way."""

    OPENED = "opened"
    PASSED = "check passed"
    PENDING = "check pending"
    REFUSED = "check failed"
    CLOSED = "closed"
    OBSTACLE = "not merged"
    QUEUED = "queued"
    MERGED = "merged"
    SYNCING = "syncing"
    LIVE = "live"
    FAILED = "failed"
    UNFINISHED = "not live"  # nobody saw it fail, or it may still come
    ROLLED_BACK = "rolled back"


_LAST = frozenset({Stage.LIVE, Stage.FAILED, Stage.UNFINISHED, Stage.ROLLED_BACK})


@dataclass(frozen=True, slots=True)
class Step:
    """One stage, and what there is to say about it: in words, with a commit, with a page."""

    stage: Stage
    words: str = ""
    at: datetime | None = None
    revision: str | None = None
    url: str = ""


@dataclass(frozen=True, slots=True)
class Course:
    """The way of one pull request, in its order."""

    steps: tuple[Step, ...]

    @property
    def over(self) -> bool:
        """Whether nothing more is to come."""
        stages = {step.stage for step in self.steps}
        return bool(stages & _LAST) and Stage.SYNCING not in stages


def says_the_same(one: str, other: str) -> bool:
    """Whether two texts of a course differ by nothing but the times in them."""
    return _TIME.sub("", one).split() == _TIME.sub("", other).split()
