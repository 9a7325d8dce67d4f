"""Going back: what an app ran, what it runs again, and what was not looked at on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tidegate.domain.app import Delivery
from tidegate.domain.block import Block
from tidegate.domain.ending import Ending, Written, exit_code, whole
from tidegate.domain.hold import Hold
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.sync import SyncReport
from tidegate.errors import TidegateError


@dataclass(frozen=True, slots=True)
class RollbackRequest:
    """Which apps go back in which environment; `version` is None for the release before. An app
    that `expected` has a digest for goes back only while the overlay carries it; with `once`, one
    that runs what a rollback brought goes no further. `delivery` is None where the environment's
    own is meant."""

    environment: str
    apps: tuple[str, ...]
    reason: str
    version: str | None = None
    requested_by: str | None = None
    expected: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery | None = None
    once: bool = False


@dataclass(frozen=True, slots=True)
class Rollback:
    """How it ended for one app. `before` is what its overlay says that it runs, `after` the
    release that it goes back to, which came with the commit `since`. `block` and `hold` are what
    keeps it there. `unverified` is what a promotion would have asked, `notes` are remarks."""

    app: str
    ending: Ending
    before: OverlayState | None = None
    after: Release | None = None
    since: str | None = None
    block: Block | None = None
    hold: Hold | None = None
    unverified: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    error: TidegateError | None = None


@dataclass(frozen=True, slots=True)
class RollbackReport:
    """How the whole command ended. `sync` is how it went on in the cluster, where that was waited
    for; `unseen` what kept that from being seen."""

    environment: str
    apps: tuple[Rollback, ...]
    written: Written
    sync: SyncReport | None = None
    unseen: TidegateError | None = None

    @property
    def ending(self) -> Ending:
        """The whole command's."""
        return whole(self.written, (app.ending for app in self.apps))

    @property
    def exit_code(self) -> int:
        """0 done, and live where that was waited for; 1 where the version that was asked for is
        blocked; else what the error says, or what came of it in the cluster."""
        code = exit_code(self.written, self.ending, (app.error for app in self.apps))
        if code:
            return code
        if self.unseen:
            return self.unseen.exit_code
        return self.sync.exit_code if self.sync else 0

    @property
    def error(self) -> TidegateError | None:
        """Why it was not committed, or not seen in the cluster."""
        return self.written.error or self.unseen
