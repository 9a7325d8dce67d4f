"""What a check found, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.check import CheckReport
from tidegate.domain.finding import Finding, fingerprints
from tidegate.domain.manifest import field_text
from tidegate.report import record, waivers
from tidegate.report.check import words


def check(report: CheckReport) -> dict[str, Any]:
    """A CheckReport: every finding, none left out."""
    seen = report.coverage
    levels = [words.level(finding) for finding in report.findings]
    return {
        "apiVersion": record.API,
        "kind": "CheckReport",
        "outcome": "failed" if report.failed else "passed",
        "exitCode": int(report.failed),
        "summary": {
            "errors": levels.count("error"),
            "warnings": levels.count("warning"),
            "notes": levels.count("note"),
            "waived": levels.count(words.WAIVED),
            "warningsAsErrors": report.warnings_as_errors,
        },
        "coverage": {
            "overlays": seen.overlays,
            "objects": seen.objects,
            "rendered": seen.rendered,
            "cached": seen.cached,
            "kubernetes": list(seen.kubernetes),
            "rules": seen.rules,
            "unknownKinds": [
                {"apiVersion": version, "kind": kind, "objects": number}
                for (version, kind), number in sorted(seen.unknown_kinds.items())
            ],
            "unlisted": seen.unlisted,
            "notes": list(seen.notes),
            "checked": list(seen.checked),
        },
        "findings": [
            _finding(finding, fingerprint)
            for finding, fingerprint in zip(
                report.findings, fingerprints(report.findings), strict=True
            )
        ],
    }


def _finding(finding: Finding, fingerprint: str) -> dict[str, Any]:
    said, where = finding.violation, finding.where
    return {
        "fingerprint": fingerprint,
        "rule": said.rule,
        "severity": said.severity.value,
        "message": said.message,
        "fix": said.fix,
        "link": said.link,
        "overlay": finding.overlay,
        "environment": finding.environment,
        "app": finding.app,
        "object": (
            {
                "apiVersion": said.object.api_version,
                "kind": said.object.kind,
                "namespace": said.object.namespace,
                "name": said.object.name,
            }
            if said.object
            else None
        ),
        "field": field_text(said.field),
        "fieldPath": list(said.field),
        "file": where.file,
        "line": where.line,
        "column": where.column,
        "waiver": waivers.record(finding.waiver, active=True) if finding.waiver else None,
    }
