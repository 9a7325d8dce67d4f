"""What ran where, since when, and by whose hand."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.block import Block
from tidegate.domain.hold import Hold
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Change:
    """One commit that changed what an app is in an environment. `release` is what it left there:
    None where it took the release away, or touched the overlay alone. `by_hand` says that it
    isn't what a promotion or a rollback would have written; `rolled_back_from` is the version
    that ran before, where it was a rollback."""

    app: str
    environment: str
    revision: str
    when: datetime
    author: str
    requested_by: str | None
    reason: str | None
    release: Release | None
    before: str | None
    by_hand: bool
    note: str
    rolled_back_from: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """An app in an environment, at the branch's head. `edited` lists where overlay and release
    disagree; `problem` says why the files can't be read; `waivers` are those for the app there,
    of whatever version, the expired ones too; `blocks` what it doesn't take back."""

    app: str
    environment: str
    release: Release | None
    overlay: OverlayState | None
    since: datetime | None
    author: str | None
    requested_by: str | None
    revision: str | None
    holds: tuple[Hold, ...]
    edited: tuple[str, ...]
    problem: str | None
    waivers: tuple[Waiver, ...] = ()
    blocks: tuple[Block, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """Changes, newest first, up to `revision`."""

    app: str
    revision: str
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All apps in all environments at `revision`; `now` is when it was asked."""

    revision: str
    now: datetime
    environments: tuple[str, ...]
    standings: tuple[Standing, ...]
