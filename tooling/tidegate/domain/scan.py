"""What a vulnerability scanner found in one image."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum


class Severity(IntEnum):
    """Trivy's severities, in their order."""

    UNKNOWN = 0
    LOW = 1
    MEDIUM = 2
    HIGH = 3
    CRITICAL = 4


@dataclass(frozen=True, slots=True)
class Vulnerability:
    """One finding. `fixed` is None where no release of the package mends it yet."""

    id: str
    package: str
    installed: str
    fixed: str | None
    severity: Severity
    title: str = ""


@dataclass(frozen=True, slots=True)
class Scan:
    """The findings for `digest`, and what they rest on.

    `database_updated` is when the vulnerability database was built (UTC).
    `packages` counts what the scanner recognised: with 0 it has looked at nothing.
    """

    digest: str
    vulnerabilities: tuple[Vulnerability, ...]
    packages: int
    scanner: str
    database_updated: datetime
