"""How commands end that need nothing but Git: hold, release and rollback."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.draft import Draft
from tidegate.domain.promotion import Receipt
from tidegate.domain.proposed import Proposed
from tidegate.errors import TidegateError


class Ending(StrEnum):
    """How it ended, for one app or for all."""

    DONE = "done"
    PROPOSED = "proposed"  # a pull request waits to be merged
    PLANNED = "planned"  # a dry run would do it
    ALREADY = "already"  # it is so already, and nothing was to be done
    HELD_BACK = "held_back"  # could be done, but another app of the same commit could not
    BLOCKED = "blocked"  # somebody has blocked what was asked for
    CONFLICT = "conflict"
    ERROR = "error"

    @property
    def stops(self) -> bool:
        """Whether nothing of the whole command may be committed."""
        return self in (Ending.BLOCKED, Ending.CONFLICT, Ending.ERROR)


@dataclass(frozen=True, slots=True)
class Written:
    """What was committed on `base`, or would be: `draft` and `diff` are there where there was
    something to commit, `error` where the remote didn't take it, or the provider the pull request.
    `proposals` are the pull requests, where it goes by those."""

    base: str
    draft: Draft | None = None
    diff: str = ""
    receipt: Receipt | None = None
    error: TidegateError | None = None
    proposals: tuple[Proposed, ...] = ()


def whole(written: Written, endings: Iterable[Ending]) -> Ending:
    """The whole command's ending: an error, or the worst of its apps'."""
    found = set(endings)
    stopping = (Ending.ERROR, Ending.CONFLICT, Ending.BLOCKED)
    happy = (Ending.DONE, Ending.PROPOSED, Ending.PLANNED)
    if written.error:
        return Ending.ERROR
    return next((e for e in (*stopping, *happy) if e in found), Ending.ALREADY)


def exit_code(written: Written, ending: Ending, errors: Iterable[TidegateError | None]) -> int:
    """0 done, 1 blocked, else that of the command's error or the first of its apps'."""
    if written.error:
        return written.error.exit_code
    if ending is Ending.BLOCKED:
        return 1
    if ending.stops:
        return next((error.exit_code for error in errors if error), 70)
    return 0
