"""Gate `scan`: the image has no vulnerability above a severity, by a fresh database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.scan import Scan, Severity, Vulnerability
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.waiver import Subject, sort_out
from tidegate.gates.waiver import divide, noted

_UNITS = {"m": "minutes", "h": "hours", "d": "days"}
_SHOWN = 10
_CLOCK_SKEW = timedelta(minutes=10)


def database_fault(built: datetime, now: datetime, max_age: timedelta) -> str | None:
    """Why a vulnerability database can't be relied on; None where it can."""
    age = _whole_minutes(now - built)
    if age < -_CLOCK_SKEW:
        return (
            "the vulnerability database says that it was built at "
            f"{built:%Y-%m-%d %H:%M}, in the future"
        )
    if age > max_age:
        return (
            f"the vulnerability database is {_age(age)} old, older than the allowed {_age(max_age)}"
        )
    return None


@dataclass(frozen=True, slots=True)
class ScanGate:
    """`highest` is the highest severity that passes; None lets nothing pass. A severity of
    UNKNOWN counts as CRITICAL: nobody knows that it is less."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.SCAN})

    key: str
    highest: Severity | None
    count_unfixed: bool
    max_age: timedelta
    allow_empty: bool

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> ScanGate:
        """Settings that fit the schema → the gate."""
        highest = settings["highest"]
        age = str(settings.get("maxDatabaseAge", "48h"))
        return cls(
            key,
            None if highest == "NONE" else Severity[highest],
            settings.get("unfixed", "count") == "count",
            timedelta(**{_UNITS[age[-1]]: int(age[:-1])}),
            settings.get("unrecognised", "block") == "allow",
        )

    def judge(self, evidence: Evidence) -> GateResult:
        """Errored where there is no scan of this digest, or its database is too old."""
        scan = evidence.scan
        if scan is None or isinstance(scan, Unavailable):
            reason = scan.reason if scan else "the image was not scanned"
            return GateResult(self.key, Status.ERRORED, reason)
        if scan.digest != evidence.candidate.image.digest:
            return GateResult(self.key, Status.ERRORED, "the scan is of another image")
        age = _whole_minutes(evidence.now - scan.database_updated)
        fault = database_fault(scan.database_updated, evidence.now, self.max_age)
        if fault is not None:
            measured = _age(age) if age > self.max_age else None
            return GateResult(self.key, Status.ERRORED, fault, measured, _age(self.max_age))
        if not scan.packages and not self.allow_empty:
            sentence = (
                f"{scan.scanner} recognised no packages in the image, so it has looked at nothing "
                "(where that is right, set `unrecognised: allow`)"
            )
            return GateResult(self.key, Status.ERRORED, sentence, 0)
        return self._judge(scan, evidence)

    def _judge(self, scan: Scan, evidence: Evidence) -> GateResult:
        ignored = [v for v in scan.vulnerabilities if v.fixed is None and not self.count_unfixed]
        counted = [v for v in scan.vulnerabilities if v.fixed is not None or self.count_unfixed]
        above = [v for v in counted if self.highest is None or _rank(v) > self.highest]
        limit = self.highest.name if self.highest is not None else "NONE"
        worst = max(counted, key=_rank).severity.name if counted else "NONE"
        note = f"; {len(ignored)} without a fix not counted" if ignored else ""
        if not scan.packages:
            note += f"; {scan.scanner} recognised no packages in it"
        if above:
            return self._refuse(above, evidence, worst, note)
        found = _count(counted) if counted else "no known vulnerability"
        sentence = f"the image has {found}{note}"
        return GateResult(self.key, Status.PASSED, sentence, worst, limit, _lines(counted))

    def _refuse(
        self, above: Sequence[Vulnerability], evidence: Evidence, worst: str, note: str
    ) -> GateResult:
        """Failed while any of these is nobody's responsibility; waived otherwise."""
        limit = self.highest.name if self.highest is not None else "NONE"
        divided = divide(
            above,
            lambda v: sort_out(evidence.waivers, Subject.VULNERABILITY, [v.id], evidence.now),
        )
        # Each is named by somebody, so there are never many: none is left out.
        waived = sorted(divided.waived, key=lambda pair: _order(pair[0]))
        lines = tuple(noted(_line(found), waiver) for found, waiver in waived)
        if not divided.rest:
            beyond = f" above {limit}" if self.highest is not None else ""
            sentence = f"the image has {_count(above)}{beyond}, {divided.summary}{note}"
            return GateResult(self.key, Status.WAIVED, sentence, worst, limit, lines, divided.used)
        allowed = f"none is allowed above {limit}" if self.highest else "none is allowed"
        sentence = f"the image has {_count(divided.rest)}; {allowed}{divided.note}{note}"
        details = (*_lines(divided.rest), *lines)
        return GateResult(self.key, Status.FAILED, sentence, worst, limit, details, divided.used)


def _rank(vulnerability: Vulnerability) -> int:
    if vulnerability.severity is Severity.UNKNOWN:
        return Severity.CRITICAL
    return vulnerability.severity


def _count(vulnerabilities: Sequence[Vulnerability]) -> str:
    counts = Counter(v.severity for v in vulnerabilities)
    parts = [f"{counts[s]} {s.name.lower()}" for s in sorted(counts, reverse=True)]
    noun = "vulnerability" if len(vulnerabilities) == 1 else "vulnerabilities"
    return f"{', '.join(parts)} {noun}"


def _order(found: Vulnerability) -> tuple[int, str, str]:
    return -_rank(found), found.id, found.package


def _lines(vulnerabilities: Sequence[Vulnerability]) -> tuple[str, ...]:
    ordered = sorted(vulnerabilities, key=_order)
    lines = [_line(found) for found in ordered[:_SHOWN]]
    if len(ordered) > _SHOWN:
        lines.append(f"and {len(ordered) - _SHOWN} more")
    return tuple(lines)


def _line(found: Vulnerability) -> str:
    mended = f"→ fixed in {found.fixed}" if found.fixed else "(no fix yet)"
    return f"{found.id} {found.severity.name} {found.package} {found.installed} {mended}"


def _whole_minutes(age: timedelta) -> timedelta:
    """Limits are in minutes at the finest: what people are shown is what was compared."""
    return age // timedelta(minutes=1) * timedelta(minutes=1)


def _age(age: timedelta) -> str:
    """`30 h 5 min`, `3 d 2 h`: nothing is rounded away that a limit could turn on."""
    minutes = age // timedelta(minutes=1)
    days, hours = divmod(minutes // 60, 24)
    units = (("d", days), ("h", hours), ("min", minutes % 60))
    return " ".join(f"{number} {unit}" for unit, number in units if number) or "0 min"
