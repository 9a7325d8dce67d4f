"""What was done to what runs, commit by commit: an auditor's reading of the branch."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidegate.domain.release import Release


class Deed(StrEnum):
    """What a commit did to an app in an environment, or to what decides."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    HELD = "held"
    LIFTED = "lifted"  # a hold, or the block of a version
    EDITED = "edited"  # by hand: the overlay, or what only Tidegate writes
    SETTINGS = "settings"  # apps, environments, policies, tidegate.yaml


@dataclass(frozen=True, slots=True)
class AuditScope:
    """Which commits are asked for: `since` included, `until` not; None leaves that end open."""

    since: datetime | None = None
    until: datetime | None = None
    app: str | None = None
    environment: str | None = None

    def holds(self, when: datetime) -> bool:
        """Whether a time is in the scope."""
        return (self.since is None or when >= self.since) and (
            self.until is None or when < self.until
        )


@dataclass(frozen=True, slots=True)
class GateRecord:
    """What a release says that a gate answered; `waivers` are the ids of those it needed."""

    gate: str
    status: str
    waivers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class AuditEntry:
    """One deed. `app` and `environment` are None where it was about the whole repository.

    `release` is what ran from then on, `before` the version until then; `evidence` the digest of
    what was measured and judged. `proven` says that the files are, byte for byte, what Tidegate
    writes for that record, and that the commit names it; `remarks` say what isn't so. `direct`
    says that it went by commit where pull requests are usual, as the commit tells.
    """

    deed: Deed
    when: datetime
    revision: str
    author: str
    app: str | None = None
    environment: str | None = None
    before: str | None = None
    release: Release | None = None
    evidence: str | None = None
    gates: tuple[GateRecord, ...] = ()
    requested_by: str | None = None
    approved_by: tuple[str, ...] = ()
    pull_request: str | None = None
    reason: str | None = None
    proven: bool = False
    remarks: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    direct: bool = False


@dataclass(frozen=True, slots=True)
class AuditReport:
    """All deeds in the scope, oldest first, up to `revision`."""

    revision: str
    scope: AuditScope
    entries: tuple[AuditEntry, ...]

    @property
    def by_hand(self) -> int:
        """How many changes of what runs did not come by Tidegate, or can't be shown to."""
        return sum(1 for e in self.entries if not e.proven and e.deed is not Deed.SETTINGS)
