"""A check's report as JSON, for a cache."""

from __future__ import annotations

import json
from dataclasses import asdict, astuple, replace
from datetime import datetime
from typing import Any

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Finding
from tidegate.domain.location import Location
from tidegate.domain.waiver import Subject, Waiver
from tidegate.policy.record import plain_violation, read_violation


def dump_report(report: CheckReport) -> bytes:
    """The bytes that `load_report` reads; lone surrogates survive."""
    coverage = asdict(report.coverage)
    kinds = report.coverage.unknown_kinds.items()
    coverage["unknown_kinds"] = [[*kind, number] for kind, number in kinds]
    findings = [_plain(finding) for finding in report.findings]
    document = [findings, coverage, report.warnings_as_errors]
    return json.dumps(document, separators=(",", ":")).encode("ascii")


def load_report(data: bytes) -> CheckReport:
    """The same report, which says that all of it came from the cache. Raises ValueError for
    anything that `dump_report` would not have written."""
    try:
        findings, coverage, strict = json.loads(data)
        known = tuple(_finding(*item) for item in findings)
        return CheckReport(known, _coverage(coverage), bool(strict))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no report") from error


def _plain(finding: Finding) -> list[Any]:
    waiver = finding.waiver
    return [
        finding.overlay,
        plain_violation(finding.violation),
        astuple(finding.where),
        finding.environment,
        finding.app,
        asdict(waiver) | {"expires": waiver.expires.isoformat()} if waiver else None,
    ]


def _finding(
    overlay: str,
    violation: list[Any],
    where: list[Any],
    environment: str | None,
    app: str | None,
    waiver: dict[str, Any] | None,
) -> Finding:
    found = read_violation(*violation)
    covering = _waiver(waiver) if waiver else None
    return Finding(overlay, found, Location(*where), environment, app, covering)


def _waiver(fields: dict[str, Any]) -> Waiver:
    lists = {key: tuple(fields[key]) for key in ("apps", "environments", "versions", "objects")}
    special = {
        "subject": Subject(fields["subject"]),
        "expires": datetime.fromisoformat(fields["expires"]),
        "where": Location(**fields["where"]),
    }
    return Waiver(**{**fields, **lists, **special})


def _coverage(fields: dict[str, Any]) -> Coverage:
    seen = Coverage(
        **{
            **fields,
            "kubernetes": tuple(fields["kubernetes"]),
            "notes": tuple(fields["notes"]),
            "checked": tuple(fields["checked"]),
            "unknown_kinds": {(version, kind): n for version, kind, n in fields["unknown_kinds"]},
        }
    )
    return replace(seen, rendered=0, cached=seen.rendered + seen.cached)
