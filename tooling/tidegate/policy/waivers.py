"""Findings and waivers brought together: what is waived, and what is to be said of the waivers."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from typing import NamedTuple

from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.text import count
from tidegate.domain.waiver import Subject, Waiver, sort_out

EXPIRED, EXPIRES_SOON, UNUSED = "waiver-expired", "waiver-expires-soon", "waiver-unused"
# The rules of this module, none of which can be waived.
RULES = (EXPIRED, EXPIRES_SOON, UNUSED)
ANNOUNCED = timedelta(days=14)

_DAY = timedelta(days=1)
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check looked at. Places are (environment, app): `overlays` were looked at, `left_out`
    were not, whether nobody asked or they can't be rendered. `versions` are those of the
    releases, wherever there is one."""

    overlays: Collection[Place] = frozenset()
    left_out: Collection[Place] = frozenset()
    versions: Mapping[Place, str] = field(default_factory=dict)


def apply(
    findings: Sequence[Finding],
    waivers: Sequence[Waiver],
    now: datetime,
    checked: Checked,
) -> tuple[Finding, ...]:
    """The findings in their order, those that are waived with their waiver, and after them what
    is to be said of waivers that have expired, expire soon, or waive nothing.

    Of several waivers for one finding the one counts that ends last; all of them are used.
    """
    known = _index(waivers)
    used: set[str] = set()
    told: list[Finding] = []
    for finding in findings:
        rule = finding.violation.rule
        near = (*known.get((rule, None), ()), *known.get((rule, finding.app or ""), ()))
        fitting = [waiver for waiver in near if _fits(waiver, finding, checked)]
        used.update(waiver.id for waiver in fitting)
        holding, _ = sort_out(fitting, Subject.RULE, [rule], now)
        told.append(replace(finding, waiver=holding) if holding else finding)
    return (*told, *_remarks(waivers, used, now, checked))


def next_change(waivers: Sequence[Waiver], now: datetime) -> datetime | None:
    """The next moment at which `apply` may say something else of the same findings: it counts
    whole days to and from each waiver's end, and dates are days of UTC. None without waivers."""
    midnight = datetime.combine(now.astimezone(UTC).date(), time(), UTC) + _DAY
    turns = [now + ((waiver.expires - now) % _DAY or _DAY) for waiver in waivers]
    return min([midnight, *turns]) if turns else None


def _index(waivers: Iterable[Waiver]) -> Mapping[tuple[str, str | None], list[Waiver]]:
    """The waivers for rules, by rule and app: thousands of findings meet only a few each."""
    found: dict[tuple[str, str | None], list[Waiver]] = {}
    for waiver in waivers:
        if waiver.subject is Subject.RULE:
            for app in waiver.apps or (None,):
                found.setdefault((waiver.name, app), []).append(waiver)
    return found


def _fits(waiver: Waiver, finding: Finding, checked: Checked) -> bool:
    app, environment = finding.app, finding.environment
    version = checked.versions.get((environment, app)) if environment and app else None
    found = finding.violation
    return waiver.covers(app, environment, version) and waiver.includes(found.object)


def _remarks(
    waivers: Iterable[Waiver], used: Collection[str], now: datetime, checked: Checked
) -> Iterator[Finding]:
    seen, unseen = _Ground.of(checked.overlays), _Ground.of(checked.left_out)
    for waiver in waivers:
        # A look at one app is no time for the waivers of others.
        if unseen.places and not seen.meets(waiver):
            continue
        idle = waiver.subject is Subject.RULE and waiver.id not in used
        if not waiver.active(now):
            yield _remark(waiver, EXPIRED, _expired(waiver, now), "remove it, or have it renewed")
        elif idle and not unseen.meets(waiver):
            message = f"the waiver {waiver.id} of {waiver.subject} {waiver.name} waives nothing"
            yield _remark(waiver, UNUSED, message, "remove it, or mend what it names")
        elif now >= waiver.expires - ANNOUNCED:
            fix = "put right what it waives, or have it renewed"
            yield _remark(waiver, EXPIRES_SOON, _ending(waiver, now), fix)


class _Ground(NamedTuple):
    """Places, so that it costs little to say whether a waiver is for any of them."""

    places: frozenset[Place]
    apps: frozenset[str]
    environments: frozenset[str]

    @classmethod
    def of(cls, places: Iterable[Place]) -> _Ground:
        known = frozenset(places)
        apps = frozenset(app for _, app in known)
        return cls(known, apps, frozenset(environment for environment, _ in known))

    def meets(self, waiver: Waiver) -> bool:
        if waiver.apps and waiver.environments:
            pairs = ((there, app) for there in waiver.environments for app in waiver.apps)
            return any(pair in self.places for pair in pairs)
        apps = self.apps.intersection(waiver.apps or self.apps)
        return bool(
            apps and self.environments.intersection(waiver.environments or self.environments)
        )


def _expired(waiver: Waiver, now: datetime) -> str:
    ago = (now - waiver.expires) // _DAY
    since = f", {count(ago, 'day')} ago" if ago else ""
    return (
        f"the waiver {waiver.id} of {waiver.subject} {waiver.name} expired at {waiver.end}{since}: "
        "it waives nothing any more"
    )


def _ending(waiver: Waiver, now: datetime) -> str:
    left = -((now - waiver.expires) // _DAY)
    return (
        f"the waiver {waiver.id} of {waiver.subject} {waiver.name} expires at {waiver.end}, "
        f"within {count(left, 'day')}"
    )


def _remark(waiver: Waiver, rule: str, message: str, fix: str) -> Finding:
    """A finding at the waiver itself; its id, not its line, makes it the same one next time."""
    violation = Violation(rule, Severity.WARN, message, field=("waivers", waiver.id), fix=fix)
    return Finding(waiver.where.file, violation, waiver.where)
