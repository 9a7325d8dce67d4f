"""A waiver: somebody takes responsibility for what a rule, a gate or a scanner would refuse."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from fnmatch import fnmatchcase

from tidegate.domain.location import Location
from tidegate.domain.manifest import ObjectId

_INSTANT = timedelta(microseconds=1)


class Subject(StrEnum):
    """What is waived."""

    RULE = "rule"
    GATE = "gate"
    VULNERABILITY = "vulnerability"


@dataclass(frozen=True, slots=True)
class Waiver:
    """`name` is the rule's, gate's or vulnerability's; `apps`, `environments` and `versions` are
    empty for all of them, but never all three. `objects`, such as `Deployment/shop`, narrow a
    rule's. It holds before `expires` (UTC), and no longer at that instant."""

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
    objects: tuple[str, ...] = ()

    def active(self, now: datetime) -> bool:
        """Whether it still holds; `now` is aware of its time zone."""
        return now < self.expires

    def reaches(self, app: str | None, environment: str | None) -> bool:
        """Whether the place is one of those that it is for, whatever version is there."""
        return _among(app, self.apps) and _among(environment, self.environments)

    def covers(self, app: str | None, environment: str | None, version: str | None) -> bool:
        """Whether it is for this version of the app there. What isn't known is not covered."""
        return self.reaches(app, environment) and _among(version, self.versions)

    def includes(self, item: ObjectId | None) -> bool:
        """Whether the object is one of those that it is limited to, where it is."""
        if not self.objects:
            return True
        if item is None:
            return False
        short, full = f"{item.kind}/{item.name}", f"{item.kind}/{item.namespace}/{item.name}"
        return any(
            fnmatchcase(full if pattern.count("/") > 1 else short, pattern)
            for pattern in self.objects
        )

    @property
    def end(self) -> str:
        """`the end of 2026-03-31 UTC`, or `2026-03-31 18:00 UTC`."""
        if self.expires.time() == time():
            return f"the end of {(self.expires - _INSTANT).date().isoformat()} UTC"
        return f"{self.expires.replace(tzinfo=None).isoformat(' ', 'minutes')} UTC"

    @property
    def signature(self) -> str:
        """Who takes the responsibility, and for how long."""
        return f"waived by {self.approved_by} until {self.end}"

    @property
    def grounds(self) -> str:
        """Which waiver it is, and why there is one."""
        return f"waiver {self.id} ({self.ticket}): {self.reason}"

    @property
    def lapse(self) -> str:
        """What is said of it once it has expired."""
        return f"the waiver {self.id} expired at {self.end}"


def latest(waivers: Iterable[Waiver]) -> Waiver | None:
    """The one that ends last; the same one in whatever order they come."""
    return max(waivers, key=lambda waiver: (waiver.expires, waiver.id), default=None)


def sort_out(
    waivers: Iterable[Waiver], subject: Subject, names: Sequence[str], now: datetime
) -> tuple[Waiver | None, Waiver | None]:
    """Of those for one of the names: the one that holds, and where none does, the one that held
    last. Vulnerabilities are the same in whatever case somebody wrote them."""
    same = str.casefold if subject is Subject.VULNERABILITY else str
    wanted = {same(name) for name in names}
    found = [w for w in waivers if w.subject is subject and same(w.name) in wanted]
    holding = latest(waiver for waiver in found if waiver.active(now))
    return (holding, None) if holding else (None, latest(found))


def _among(name: str | None, listed: tuple[str, ...]) -> bool:
    return not listed or name in listed
