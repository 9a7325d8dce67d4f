"""Holding and releasing: what was asked for, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.app import Delivery
from tidegate.domain.block import Block
from tidegate.domain.ending import Ending, Written, exit_code, whole
from tidegate.domain.hold import Hold
from tidegate.errors import TidegateError


@dataclass(frozen=True, slots=True)
class HoldRequest:
    """What to hold or release: these apps in the environment, or, without any, all of it.
    `version` is one whose block is to be lifted too; `delivery` is None where the environment's own
    is meant."""

    environment: str
    apps: tuple[str, ...]
    reason: str
    until: datetime | None = None
    version: str | None = None
    requested_by: str | None = None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """An app, or None for the whole environment, and how it ended there. `before` and `after`
    are the holds, `unreadable` says that there was one which nobody can read; `lifted` are the
    blocks that are gone."""

    app: str | None
    ending: Ending
    before: Hold | None = None
    after: Hold | None = None
    unreadable: bool = False
    lifted: tuple[Block, ...] = ()
    error: TidegateError | None = None


@dataclass(frozen=True, slots=True)
class HoldReport:
    """How `hold` or `release`, which `verb` names, ended."""

    verb: str
    environment: str
    places: tuple[Place, ...]
    written: Written

    @property
    def ending(self) -> Ending:
        """The whole command's."""
        return whole(self.written, (place.ending for place in self.places))

    @property
    def exit_code(self) -> int:
        """0, or what the error says."""
        return exit_code(self.written, self.ending, (place.error for place in self.places))
