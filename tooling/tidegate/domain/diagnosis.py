"""What `doctor` found out."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Health(StrEnum):
    """`optional` is missing, but only some commands need it."""

    OK = "ok"
    MISSING = "missing"
    OPTIONAL = "optional"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what was found, and how to get it where it is missing."""

    name: str
    health: Health
    found: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings, in the order in which a promotion needs them."""

    findings: tuple[Finding, ...]

    @property
    def exit_code(self) -> int:
        """3 where something is missing that a promotion needs."""
        return 3 if any(f.health is Health.MISSING for f in self.findings) else 0
