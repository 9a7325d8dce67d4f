"""What commits on the branch brought, and how that went on in the clusters."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.rollback import RollbackReport
from tidegate.domain.sync import SyncReport
from tidegate.errors import TidegateError


@dataclass(frozen=True, slots=True)
class Arrival:
    """One environment's apps that were changed. `sync` is None where they weren't followed, for
    the reason in `error`; `rollback` is how what failed was taken back. `notes` are remarks."""

    environment: str
    apps: tuple[str, ...]
    sync: SyncReport | None = None
    rollback: RollbackReport | None = None
    error: TidegateError | None = None
    notes: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """What was rolled back has failed all the same."""
        if self.error:
            return self.error.exit_code
        return self.sync.exit_code if self.sync else 0


@dataclass(frozen=True, slots=True)
class ArrivalReport:
    """From the commit `since` to `head`, environment by environment, each after the one before.
    `since` is None where the branch has no such commit, so that every release was followed."""

    since: str | None
    head: str
    arrivals: tuple[Arrival, ...]

    @property
    def exit_code(self) -> int:
        """0 where all is live, else the first that isn't."""
        return next((a.exit_code for a in self.arrivals if a.exit_code), 0)
