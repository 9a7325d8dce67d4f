"""What a check finds: which rule, on which object and field, and where that was written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tidegate.domain.location import Location
    from tidegate.domain.manifest import FieldPath, ObjectId
    from tidegate.domain.waiver import Waiver
    from tidegate.errors import Problem


class Severity(StrEnum):
    """What the API server would do, in its own words: refuse, warn, or note."""

    DENY = "Deny"
    WARN = "Warn"
    AUDIT = "Audit"


@dataclass(frozen=True, slots=True)
class Violation:
    """What a rule says of an object, before anybody has looked up who wrote it.

    `message` is one sentence with the object's own values in it, untrusted text; `fix` says what
    to do, `link` leads to the field's own advice. Without an `object` the whole overlay is meant;
    `which` tells, from 0, those of an overlay apart that are called the same.
    """

    rule: str
    severity: Severity
    message: str
    object: ObjectId | None = None
    field: FieldPath = ()
    fix: str | None = None
    link: str | None = None
    which: int | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """A Violation in an overlay, with the place in the sources that set the field. `waiver` is
    there where somebody has taken responsibility for it: then it blocks nothing."""

    overlay: str
    violation: Violation
    where: Location
    environment: str | None = None
    app: str | None = None
    waiver: Waiver | None = None

    @property
    def blocks(self) -> bool:
        """Whether a check with this finding fails."""
        return self.violation.severity is Severity.DENY and self.waiver is None

    @property
    def fingerprint(self) -> str:
        """The same for the same mistake, whatever lines come and go around it: 32 hex digits."""
        found = self.violation
        object_ = found.object.unhashed if found.object else ()
        return _digest((found.rule, self.overlay, *object_, *map(str, found.field)))


def fingerprints(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Each finding's fingerprint, in their order, and no two the same: where several share one,
    the first by message and place keeps it, and the others are numbered."""
    shared: dict[str, list[int]] = {}
    for position, finding in enumerate(findings):
        shared.setdefault(finding.fingerprint, []).append(position)
    result = [""] * len(findings)
    for fingerprint, positions in shared.items():
        positions.sort(key=lambda n: (findings[n].violation.message, findings[n].where))
        for number, position in enumerate(positions):
            result[position] = _digest((fingerprint, str(number))) if number else fingerprint
    return tuple(result)


def _digest(parts: Sequence[str]) -> str:
    import hashlib  # none of it is needed where nothing is found

    text = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(text).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Inspection:
    """What one overlay's own objects say: everything that rules found, `facts` for the rules that
    compare overlays (plain JSON types, by rule), and the kinds that had no schema. `problems` are
    those of a plain file's documents that can't be read, and so are held against nothing."""

    overlay: str
    violations: tuple[Violation, ...]
    facts: Mapping[str, Any]
    objects: int
    unknown_kinds: tuple[tuple[str, str], ...] = ()
    problems: tuple[Problem, ...] = ()
