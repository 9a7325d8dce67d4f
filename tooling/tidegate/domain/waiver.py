"""A waiver: somebody takes responsibility for what a rule, a gate or a scanner would refuse."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidegate.domain.location import Location


class Subject(StrEnum):
    """What is waived."""

    RULE = "rule"
    GATE = "gate"
    VULNERABILITY = "vulnerability"


@dataclass(frozen=True, slots=True)
class Waiver:
    """`name` is the rule's, gate's or vulnerability's; `apps`, `environments` and `versions` are
    empty for all of them, but never all three. Times are UTC."""

    id: str
    subject: Subject
    name: str
    apps: tuple[str, ...]
    environments: tuple[str, ...]
    versions: tuple[str, ...]
    reason: str
    approved_by: str
    ticket: str
    expires: datetime
    where: Location
