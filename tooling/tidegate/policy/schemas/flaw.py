"""One mistake in an object, before it is a Violation."""

from __future__ import annotations

from typing import NamedTuple

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.rules import SYNTAX


class Flaw(NamedTuple):
    """Where, what is wrong in words that continue the field's name, and what to do about it."""

    path: FieldPath
    message: str
    fix: str | None = None
    rule: str = SYNTAX
    severity: Severity = Severity.DENY
