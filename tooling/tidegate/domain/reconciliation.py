"""Where Git, the cluster and the model registry's aliases disagree."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """Who says something else than Git."""

    ALIAS = "alias"
    CLUSTER = "cluster"


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One app in one environment. `git` is the version that the release there names, `other` what
    the alias names or the cluster shows, None where there is nothing; `fixed` says that it has
    been mended just now."""

    app: str
    environment: str
    place: Place
    git: str | None
    other: str | None
    reason: str
    fixed: bool = False


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """All that disagrees at `revision`, of so many releases; `unknown` says what could not be
    looked at, and why."""

    revision: str
    compared: int
    disagreements: tuple[Disagreement, ...]
    unknown: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """0 where everything agrees, or does now; 1 where something doesn't; 3 where something
        could not be looked at."""
        if self.unknown:
            return 3
        return 1 if any(not item.fixed for item in self.disagreements) else 0
