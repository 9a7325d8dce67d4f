"""What runs, scanned again: what is known of it now that wasn't when it was promoted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.domain.gate import GateResult, Status
from tidegate.domain.image import ImageRef
from tidegate.domain.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Rescanned:
    """One release in one environment. `result` is the gate's answer now. `then` has how many
    vulnerabilities of each severity its record tells of, and `database` the time of the database
    that they were looked up in; None where it was promoted without a scan."""

    app: str
    environment: str
    version: str
    image: ImageRef
    result: GateResult
    then: Mapping[str, int] | None = None
    database: str | None = None

    @property
    def refused(self) -> bool:
        """Whether it would not be promoted any more."""
        return self.result.status is Status.FAILED

    @property
    def unknown(self) -> bool:
        """Whether nobody can tell."""
        return self.result.status is Status.ERRORED


@dataclass(frozen=True, slots=True)
class RescannedEnvironment:
    """One environment. `unasked` are apps that have no gate `scan` there, `unreadable` says what
    can't be read, and why; `ending` are waivers that reach it and have expired, or soon will.
    `issue` is where its issue is, `note` what kept that from being written."""

    name: str
    releases: tuple[Rescanned, ...]
    unasked: tuple[str, ...] = ()
    unreadable: tuple[str, ...] = ()
    ending: tuple[Waiver, ...] = ()
    issue: str | None = None
    note: str | None = None

    @property
    def refused(self) -> tuple[Rescanned, ...]:
        """The releases that would not be promoted any more."""
        return tuple(item for item in self.releases if item.refused)

    @property
    def unknown(self) -> bool:
        """Whether something could not be looked at."""
        return bool(self.unreadable) or any(item.unknown for item in self.releases)


@dataclass(frozen=True, slots=True)
class Announcement:
    """The text of an environment's issue; the title is empty where there is nothing to announce."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class RescanReport:
    """Everything that was scanned again at `revision`."""

    revision: str
    environments: tuple[RescannedEnvironment, ...]

    @property
    def exit_code(self) -> int:
        """0 where nothing is refused, 1 where something is; 3 where something could not be looked
        at, or an issue not be written."""
        if any(item.unknown or item.note for item in self.environments):
            return 3
        return 1 if any(item.refused for item in self.environments) else 0
