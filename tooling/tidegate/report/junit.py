"""JUnit XML, as GitLab, Jenkins and the actions for GitHub read it.

A suite is an overlay, a case a finding. What blocks has failed. Those readers show nothing of a
case that passed, so warnings, notes and what is waived are skipped, with a message that says what
they are. An overlay where nothing was found is one case that passed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

from tidegate.domain.check import CheckReport
from tidegate.domain.finding import Finding, Severity
from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.report.check import words

_CLEAN = "nothing found"
_LONGEST = 5_000  # the longest path is shorter: suites must not become one
# What XML 1.0 can't hold, in any form; `one_line` has taken the control characters out.
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def check(report: CheckReport) -> str:
    """Every overlay that was checked, and every finding in it."""
    suites: dict[str, list[Finding]] = {overlay: [] for overlay in report.coverage.checked}
    for finding in report.findings:
        suites.setdefault(finding.overlay, []).append(finding)
    failing = [finding for finding in report.findings if _fails(finding, report)]
    cases = sum(max(1, len(found)) for found in suites.values())
    lines = ['<?xml version="1.0" encoding="UTF-8"?>']
    totals = _totals(cases, len(failing), len(report.findings) - len(failing))
    lines.append(f"<testsuites{_attributes({'name': 'tidegate check', **totals})}>")
    for overlay in sorted(suites):
        lines += _suite(overlay, suites[overlay], report)
    lines.append("</testsuites>")
    return "\n".join(lines) + "\n"


def _suite(overlay: str, findings: Sequence[Finding], report: CheckReport) -> Iterator[str]:
    suite = overlay or words.ROOT
    failures = sum(_fails(finding, report) for finding in findings)
    totals = _totals(max(1, len(findings)), failures, len(findings) - failures)
    yield f"  <testsuite{_attributes({'name': suite, **totals})}>"
    if not findings:
        yield f"    <testcase{_attributes({'classname': suite, 'name': _CLEAN, 'time': '0'})}/>"
    seen: dict[str, int] = {}
    for finding in findings:
        name = one_line(f"{finding.violation.rule} {words.subject(finding)}", 1_000)
        seen[name] = seen.get(name, 0) + 1
        # GitLab drops all but the first of several cases with one name.
        yield from _case(finding, f"{name} ({seen[name]})" if seen[name] > 1 else name, report)
    yield "  </testsuite>"


def _case(finding: Finding, name: str, report: CheckReport) -> Iterator[str]:
    where = finding.where
    place = {"file": where.file} | ({"line": str(where.line)} if where.line else {})
    case = {"classname": finding.overlay or words.ROOT, "name": name, "time": "0", **place}
    yield f"    <testcase{_attributes(case)}>"
    message = words.message(finding)
    if _fails(finding, report):
        failure = {"message": message, "type": finding.violation.severity.value}
        details = [f"{where}: {message}", words.subject(finding)]
        details.append(f"→ {words.fix(finding)}" if finding.violation.fix else "")
        text = "\n".join(filter(None, map(_clean, details)))
        yield f"      <failure{_attributes(failure)}>{escape(text)}</failure>"
    else:
        why = words.waived(finding)
        said = f"{words.level(finding)}: {message}" + (f"; {why}" if why else "")
        yield f"      <skipped{_attributes({'message': said})}/>"
    yield "    </testcase>"


def _fails(finding: Finding, report: CheckReport) -> bool:
    warns = finding.violation.severity is Severity.WARN and finding.waiver is None
    return finding.blocks or (warns and report.warnings_as_errors)


def _totals(tests: int, failures: int, skipped: int) -> dict[str, str]:
    counts = {"tests": tests, "failures": failures, "errors": 0, "skipped": skipped, "time": 0}
    return {name: str(number) for name, number in counts.items()}


def _attributes(values: Mapping[str, str]) -> str:
    return "".join(f" {name}={quoteattr(_clean(value))}" for name, value in values.items())


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", one_line(redact(text), _LONGEST))
