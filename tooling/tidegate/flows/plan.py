"""Judged candidates → one commit: its files, its message and its trailers. Pure."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tidegate.domain.evidence import Evidence, PolicyEvidence
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.gate import Verdict
from tidegate.domain.model import Run
from tidegate.domain.promotion import Plan, Promotion, Request
from tidegate.domain.release import Release
from tidegate.domain.scan import Scan
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.waiver import Waiver
from tidegate.flows.gather import Case
from tidegate.flows.message import PROMOTION, compose, direct_trailers, human_trailers
from tidegate.repository.layout import release_file
from tidegate.repository.release import evidence_digest, format_release


def propose(case: Case, evidence: Evidence, verdict: Verdict) -> Promotion:
    """One app's step, with the two files that it writes."""
    target, candidate = case.target, case.candidate
    record = _record(case, evidence, verdict)
    release = Release(
        app=target.app.name,
        environment=target.environment.name,
        model=candidate.version.model,
        version=candidate.version.version,
        run_id=candidate.version.run_id,
        image=candidate.image,
        evidence=record,
        previous=target.champion.as_previous() if target.champion else None,
    )
    return Promotion(
        app=target.app.name,
        environment=target.environment.name,
        candidate=candidate,
        champion=target.champion,
        verdict=verdict,
        release=release,
        evidence_digest=evidence_digest(record),
        edits={
            target.overlay_file: case.overlay_edit,
            release_file(target.environment.name, target.app.name): format_release(release),
        },
    )


def make_plan(promotions: Sequence[Promotion], request: Request, *, direct: bool = False) -> Plan:
    """All promotions of one commit; `direct` where it goes without its usual pull request."""
    steps = [f"{p.app} {step(p)}" for p in promotions]
    trailers = [
        *(trailer(promotion) for promotion in promotions),
        *direct_trailers(request.target, direct=direct),
        *human_trailers(request.requested_by, request.reason),
    ]
    message = compose(f"promote({request.target})", steps, trailers)
    return Plan(tuple(promotions), message)


def diff(snapshot: Snapshot, edits: Mapping[str, bytes | None]) -> str:
    """The unified diff that the edits make, as `git apply` takes it."""
    existing = [path for path in edits if path in snapshot]
    before = snapshot.read_many(existing)
    lines: list[str] = []
    for path, data in sorted(edits.items()):
        old, new = before.get(path), data or b""
        source = f"a/{path}" if old is not None else "/dev/null"
        target = f"b/{path}" if data is not None else "/dev/null"
        lines.append(f"diff --git a/{path} b/{path}\n")
        if old is None:
            lines.append("new file mode 100644\n")
        if data is None:
            lines.append(f"deleted file mode {snapshot.entries[path].mode}\n")
        for line in difflib.unified_diff(_lines(old or b""), _lines(new), source, target, n=3):
            lines.append(line if line.endswith("\n") else line + "\n\\ No newline at end of file\n")
    return "".join(lines)


def step(promotion: Promotion) -> str:
    """`3 → 4`, or `→ 4` for the first."""
    before = f"{promotion.champion.version} " if promotion.champion else ""
    return f"{before}→ {promotion.release.version}"


def trailer(promotion: Promotion) -> str:
    """What a commit says of one of its promotions."""
    release = promotion.release
    return (
        f"{PROMOTION}: {promotion.environment}/{promotion.app} {quote(release.model, safe='')}"
        f"@{release.version} {release.image.digest} {promotion.evidence_digest}"
    )


def _lines(data: bytes) -> list[str]:
    # Only \n ends a line in Git's eyes; splitlines() would also split at \r and U+2028.
    text = data.decode("utf-8", "replace")
    return [line + "\n" for line in text.split("\n")[:-1]] + (
        [text.rpartition("\n")[2]] if not text.endswith("\n") and text else []
    )


def _record(case: Case, evidence: Evidence, verdict: Verdict) -> dict[str, Any]:
    """What was known and judged, in plain JSON types, for release.yaml."""
    record: dict[str, Any] = {
        "gates": [
            {
                "gate": result.gate,
                "status": result.status.value,
                **({"measured": result.measured} if result.measured is not None else {}),
                **({"limit": result.limit} if result.limit is not None else {}),
                **({"waivers": [w.id for w in result.waivers]} if result.waivers else {}),
            }
            for result in verdict.results
        ]
    }
    waivers = {waiver.id: waiver for result in verdict.results for waiver in result.waivers}
    if waivers:
        record["waivers"] = [_waiver_record(waiver) for _, waiver in sorted(waivers.items())]
    names = [metric.name for metric in case.target.app.metrics]
    if isinstance(evidence.run, Run):
        record["metrics"] = _finite(evidence.run, names)
    if isinstance(evidence.champion_run, Run) and evidence.champion:
        record["champion"] = {
            "version": evidence.champion.version,
            "metrics": _finite(evidence.champion_run, names),
        }
    if isinstance(evidence.scan, Scan):
        record["scan"] = _scan_record(evidence.scan)
    if isinstance(evidence.findings, PolicyEvidence):
        record["policy"] = {
            "before": _denied(evidence.findings.before),
            "after": _denied(evidence.findings.after),
        }
    return record


def _waiver_record(waiver: Waiver) -> dict[str, Any]:
    """Who took responsibility for what: the file may be gone when somebody asks."""
    return {
        "id": waiver.id,
        waiver.subject.value: waiver.name,
        "reason": waiver.reason,
        "approvedBy": waiver.approved_by,
        "ticket": waiver.ticket,
        "expires": waiver.expires.isoformat(),
    }


def _denied(violations: Iterable[Violation]) -> int:
    return sum(violation.severity is Severity.DENY for violation in violations)


def _finite(run: Run, names: Iterable[str]) -> dict[str, float]:
    values = {name: run.metrics[name] for name in names if name in run.metrics}
    return {name: value for name, value in values.items() if abs(value) < float("inf")}


def _scan_record(scan: Scan) -> dict[str, Any]:
    counts: dict[str, int] = {}
    for found in sorted(scan.vulnerabilities, key=lambda v: -v.severity):
        counts[found.severity.name] = counts.get(found.severity.name, 0) + 1
    return {
        "scanner": scan.scanner,
        "database": scan.database_updated.isoformat(),
        "packages": scan.packages,
        "vulnerabilities": counts,
    }
