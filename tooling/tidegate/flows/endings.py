"""How what a verb decided came out."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.domain.ending import Ending, Written
from tidegate.domain.proposed import Action, Proposed
from tidegate.errors import TidegateError

_WAITING = (Action.OPENED, Action.UPDATED, Action.UNCHANGED)


def ending_of(written: Written) -> Ending:
    """That of the places that the draft is for; held back where there is none for them."""
    if written.draft is None:
        return Ending.HELD_BACK
    if written.receipt:
        return Ending.DONE
    waits = any(item.action in _WAITING for item in written.proposals)
    return Ending.PROPOSED if waits else Ending.PLANNED


def first_error(proposals: Sequence[Proposed]) -> TidegateError | None:
    """What kept a pull request from being opened, or another from being closed."""
    return next((item.error for item in proposals if item.error), None)
