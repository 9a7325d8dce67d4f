"""SARIF 2.1.0, as code scanning services read it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from tidegate import __version__
from tidegate.domain.check import CheckReport
from tidegate.domain.finding import Finding, Severity, fingerprints
from tidegate.domain.redaction import redact
from tidegate.domain.text import count, one_line
from tidegate.report.check import words

SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
# GitHub takes so many results of a run, and shows the severest of them.
RESULTS, SHOWN = 25_000, 5_000
ROOT = "%SRCROOT%"

_LEVELS = {Severity.DENY: "error", Severity.WARN: "warning", Severity.AUDIT: "note"}
_PROBLEMS = {"error": "error", "warning": "warning", "note": "recommendation"}
_MESSAGE = 1_000
_LINK = re.compile(r"https?://[!-~]{1,2000}")


def check(report: CheckReport) -> str:
    """One run: a rule each, a result a finding, the severest ones where there are too many."""
    numbered = list(zip(report.findings, fingerprints(report.findings), strict=True))
    kept = _severest(numbered)
    rules = _rules([finding for finding, _ in kept])
    index = {rule["id"]: position for position, rule in enumerate(rules)}
    suppressed = any(finding.waiver for finding, _ in kept)
    run = {
        "tool": {
            "driver": {"name": "tidegate", "semanticVersion": __version__, "rules": rules},
        },
        "originalUriBaseIds": {ROOT: {"description": {"text": "the repository's root"}}},
        "columnKind": "unicodeCodePoints",
        "invocations": [
            {
                "executionSuccessful": True,
                "exitCode": int(report.failed),
                "toolExecutionNotifications": [
                    {"level": "note", "message": {"text": text}}
                    for text in _notes(report, len(kept))
                ],
            }
        ],
        "results": [
            _result(finding, fingerprint, index, suppressed=suppressed)
            for finding, fingerprint in kept
        ],
    }
    document = {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def _severest(numbered: Sequence[tuple[Finding, str]]) -> list[tuple[Finding, str]]:
    if len(numbered) <= RESULTS:
        return list(numbered)
    ranked = sorted(
        range(len(numbered)), key=lambda n: words.ORDER.index(words.level(numbered[n][0]))
    )
    chosen = set(ranked[:RESULTS])
    return [pair for position, pair in enumerate(numbered) if position in chosen]


def _notes(report: CheckReport, kept: int) -> list[str]:
    notes = [words.verdict(report), words.coverage(report.coverage)]
    notes += [_text(note) for note in report.coverage.notes]
    if kept < len(report.findings):
        left = count(len(report.findings) - kept, "finding")
        notes.append(f"{left} left out: GitHub takes {RESULTS} at most.")
    if kept > SHOWN:
        notes.append(f"GitHub shows the {SHOWN} severest findings only.")
    return notes


def _rules(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    first: dict[str, Finding] = {}
    for finding in findings:
        first.setdefault(_rule(finding), finding)
    return [_describe(name, first[name]) for name in sorted(first)]


def _describe(name: str, finding: Finding) -> dict[str, Any]:
    link = finding.violation.link or ""
    level = _LEVELS[finding.violation.severity]
    advice = words.fix(finding) or f"See what the rule {name} says."
    rule: dict[str, Any] = {
        "id": name,
        "shortDescription": {"text": name},
        "help": {"text": advice},
        "defaultConfiguration": {"level": level},
        "properties": {"problem.severity": _PROBLEMS[level]},
    }
    if _LINK.fullmatch(link):
        rule["helpUri"] = link
    return rule


def _result(
    finding: Finding, fingerprint: str, index: Mapping[str, int], *, suppressed: bool
) -> dict[str, Any]:
    name, where = _rule(finding), finding.where
    region = {"startLine": max(1, where.line)}
    if where.line and where.column:
        region["startColumn"] = where.column
    location: dict[str, Any] = {
        "physicalLocation": {
            "artifactLocation": {"uri": _uri(where.file), "uriBaseId": ROOT},
            "region": region,
        }
    }
    if subject := words.subject(finding):
        kind = "member" if finding.violation.field else "object"
        location["logicalLocations"] = [{"fullyQualifiedName": subject, "kind": kind}]
    overlay = _text(finding.overlay or words.ROOT)
    result: dict[str, Any] = {
        "ruleId": name,
        "ruleIndex": index[name],
        "level": _LEVELS[finding.violation.severity],
        "message": {"text": f"{_text(finding.violation.message)} [{overlay}]"},
        "locations": [location],
        "partialFingerprints": {"tidegate/v1": fingerprint},
        "properties": {
            "overlay": overlay,
            **({"environment": _text(finding.environment)} if finding.environment else {}),
            **({"app": _text(finding.app)} if finding.app else {}),
        },
    }
    if suppressed:  # SARIF wants it for every result of a run or for none
        result["suppressions"] = _suppressions(finding)
    return result


def _suppressions(finding: Finding) -> list[dict[str, Any]]:
    waiver = finding.waiver
    if waiver is None:
        return []
    place = {"artifactLocation": {"uri": _uri(waiver.where.file), "uriBaseId": ROOT}}
    return [
        {
            "kind": "external",
            "status": "accepted",
            "justification": _text(words.waived(finding)),
            "location": {"physicalLocation": place},
        }
    ]


def _rule(finding: Finding) -> str:
    return one_line(finding.violation.rule, 200) or "unnamed"


def _text(text: str) -> str:
    """Clean, in one line, and without the link that viewers would make of `[text](address)`."""
    return one_line(redact(text), _MESSAGE).replace("](", "] (") or "–"


def _uri(path: str) -> str:
    return quote(path.encode("utf-8", "surrogatepass"), safe="/") or "."
