"""Workflow commands: annotations on the lines of a pull request, then the summary.

Nothing from outside can start a command: every line begins with our own words, and has no line
break and no old-style `##[` in it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.check import CheckReport
from tidegate.domain.redaction import redact
from tidegate.domain.text import count, one_line
from tidegate.report.check import words
from tidegate.report.check.words import Entry

# GitHub shows so many annotations of each kind for a step, and drops the others in silence.
ANNOTATIONS = 10
LISTED = 500
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def check(report: CheckReport) -> str:
    """As many annotations as GitHub shows, the rest as plain lines, and how the check ended."""
    found = words.entries(report.findings)
    annotated: list[Entry] = []
    left: list[Entry] = []
    for level in _COMMANDS:
        same = [entry for entry in found if entry.level == level]
        annotated += same[:ANNOTATIONS]
        left += same[ANNOTATIONS:]
    notices = [entry for entry in annotated if entry.level == "note"]
    if left and len(notices) == ANNOTATIONS:  # the last notice has to say how many there are
        annotated.remove(notices[-1])
        left.append(notices[-1])
    lines = [_annotation(entry) for entry in annotated]
    if left:
        told = words.tally(entry.level for entry in left)
        text = f"{told} more in the log: GitHub shows {ANNOTATIONS} annotations of a kind"
        lines.append(f"::notice title=tidegate check::{_data(text)}")
    waived = [entry for entry in found if entry.level == words.WAIVED]
    lines += _group("not annotated", left)
    lines += _group("waived", waived)
    lines += [_plain(f"note: {note}") for note in report.coverage.notes]
    lines += [_plain(words.verdict(report)), _plain(words.coverage(report.coverage))]
    return "\n".join(lines) + "\n"


def _annotation(entry: Entry) -> str:
    finding = entry.finding
    where = finding.where
    properties = {"file": one_line(where.file)}
    if where.line:
        properties["line"] = str(where.line)
        if where.column:
            properties["col"] = str(where.column)
    properties["title"] = one_line(finding.violation.rule, 100)
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    lines = [words.message(finding), " ".join([words.subject(finding), words.overlays(entry)])]
    if fix := words.fix(finding):
        lines.append(f"→ {fix}")
    return f"::{_COMMANDS[entry.level]} {told}::{_data(chr(10).join(map(str.strip, lines)))}"


def _group(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    if not entries:
        return
    yield f"::group::{count(len(entries), 'finding')} {title}"
    for entry in entries[:LISTED]:
        finding = entry.finding
        parts = [str(finding.where), entry.level, finding.violation.rule, words.message(finding)]
        parts += [words.overlays(entry), words.waived(finding)]
        yield _plain("- " + "  ".join(one_line(part, 1_000) for part in parts if part))
    if len(entries) > LISTED:
        yield f"- and {len(entries) - LISTED} more"
    yield "::endgroup::"


def _plain(text: str) -> str:
    """A line of the log that is no command."""
    return _disarm(one_line(redact(text), 4_000))


def _data(text: str) -> str:
    """A command's message."""
    escaped = redact(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return _disarm(escaped)


def _property(text: str) -> str:
    """A command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _disarm(text: str) -> str:
    """The runner knows an older form of commands too, wherever it stands in a line."""
    return text.replace("##[", "## [")
