"""Whether a proposed change came by Tidegate: what was asked, and what it came to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.domain.audit import Deed
from tidegate.domain.gate import Verdict
from tidegate.domain.release import Release


class Conclusion(StrEnum):
    """What a verification comes to."""

    VERIFIED = "verified"  # it is what Tidegate would write now, and nothing else
    NOTHING = "nothing"  # it touches nothing that Tidegate writes
    REFUSED = "refused"
    UNKNOWN = "unknown"  # something outside failed, so that nobody can tell


@dataclass(frozen=True, slots=True)
class Objection:
    """Why it can't be merged as it is. `line` counts from 1, and is 0 where there is none;
    `outside` says that something outside failed, so that trying again may help."""

    message: str
    file: str | None = None
    line: int = 0
    environment: str | None = None
    app: str | None = None
    hint: str | None = None
    outside: bool = False


@dataclass(frozen=True, slots=True)
class Proven:
    """A deed that its verb would do in the same way now. `verdict` is a promotion's."""

    deed: Deed
    environment: str
    app: str | None
    before: str | None = None
    release: Release | None = None
    verdict: Verdict | None = None


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """`base` and `head` are commits. `trailers` are the lines that tell of what is proven. `others`
    are the paths that Tidegate doesn't write, and `owned` those of them that decide what may pass,
    or who looks at it, each with what it is."""

    base: str
    head: str
    commits: int
    proven: tuple[Proven, ...] = ()
    objections: tuple[Objection, ...] = ()
    others: tuple[str, ...] = ()
    owned: Mapping[str, str] = field(default_factory=dict)
    trailers: tuple[str, ...] = ()

    @property
    def conclusion(self) -> Conclusion:
        """What it comes to: one objection is enough."""
        if any(not objection.outside for objection in self.objections):
            return Conclusion.REFUSED
        if self.objections:
            return Conclusion.UNKNOWN
        return Conclusion.VERIFIED if self.proven else Conclusion.NOTHING

    @property
    def exit_code(self) -> int:
        """0 where it may be merged, 1 refused, 3 where something outside failed."""
        return {Conclusion.REFUSED: 1, Conclusion.UNKNOWN: 3}.get(self.conclusion, 0)
