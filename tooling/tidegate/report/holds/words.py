"""How `hold` and `release` are told, in any form."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.ending import Ending
from tidegate.domain.holding import HoldReport, Place
from tidegate.report import words

_HOLD = {
    Ending.DONE: "held",
    Ending.PROPOSED: "held once its pull request is merged",
    Ending.PLANNED: "would be held",
    Ending.ALREADY: "held already",
    Ending.HELD_BACK: "could be held",
    Ending.BLOCKED: "blocked",
    Ending.CONFLICT: "conflict",
    Ending.ERROR: "error",
}
_RELEASE = _HOLD | {
    Ending.DONE: "released",
    Ending.PROPOSED: "released once its pull request is merged",
    Ending.PLANNED: "would be released",
    Ending.ALREADY: "not held",
    Ending.HELD_BACK: "could be released",
}


def title(place: Place) -> str:
    """Where it is."""
    return place.app or "every app"


def ending(report: HoldReport, place: Place) -> str:
    """How it ended, in two words."""
    return (_HOLD if report.verb == "hold" else _RELEASE)[place.ending]


def remarks(place: Place) -> Iterator[str]:
    """The hold that is there now, the one that was, and the blocks that are gone."""
    if place.after:
        yield words.held(place.after)
    if place.before and place.before != place.after:
        yield f"before: {words.held(place.before)}"
    if place.unreadable:
        yield "its hold.yaml couldn't be read"
    for block in place.lifted:
        yield f"lifted: {words.blocked(block)}"
