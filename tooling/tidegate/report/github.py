"""Annotations on the lines of a pull request, then the summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.check import CheckReport
from tidegate.domain.text import count, one_line
from tidegate.report.annotations import SHOWN, annotation, plain
from tidegate.report.check import words
from tidegate.report.check.words import Entry
from tidegate.report.verification import github as verified

LISTED = 500
verification = verified.verification
_COMMANDS = {"error": "error", "warning": "warning", "note": "notice"}


def check(report: CheckReport) -> str:
    """As many annotations as GitHub shows, the rest as plain lines, and how the check ended."""
    found = words.entries(report.findings)
    annotated: list[Entry] = []
    left: list[Entry] = []
    for level in _COMMANDS:
        same = [entry for entry in found if entry.level == level]
        annotated += same[:SHOWN]
        left += same[SHOWN:]
    notices = [entry for entry in annotated if entry.level == "note"]
    if left and len(notices) == SHOWN:  # the last notice has to say how many there are
        annotated.remove(notices[-1])
        left.append(notices[-1])
    lines = [_annotation(entry) for entry in annotated]
    if left:
        told = words.tally(entry.level for entry in left)
        text = f"{told} more in the log: GitHub shows {SHOWN} annotations of a kind"
        lines.append(annotation("notice", text, title="tidegate check"))
    waived = [entry for entry in found if entry.level == words.WAIVED]
    lines += _group("not annotated", left)
    lines += _group("waived", waived)
    lines += [plain(f"note: {note}") for note in report.coverage.notes]
    lines += [plain(words.verdict(report)), plain(words.coverage(report.coverage))]
    return "\n".join(lines) + "\n"


def _annotation(entry: Entry) -> str:
    finding = entry.finding
    where = finding.where
    lines = [words.message(finding), " ".join([words.subject(finding), words.overlays(entry)])]
    if fix := words.fix(finding):
        lines.append(f"→ {fix}")
    return annotation(
        _COMMANDS[entry.level],
        "\n".join(map(str.strip, lines)),
        title=finding.violation.rule,
        file=where.file,
        line=where.line,
        column=where.column,
    )


def _group(title: str, entries: Sequence[Entry]) -> Iterator[str]:
    if not entries:
        return
    yield f"::group::{count(len(entries), 'finding')} {title}"
    for entry in entries[:LISTED]:
        finding = entry.finding
        parts = [str(finding.where), entry.level, finding.violation.rule, words.message(finding)]
        parts += [words.overlays(entry), words.waived(finding)]
        yield plain("- " + "  ".join(one_line(part, 1_000) for part in parts if part))
    if len(entries) > LISTED:
        yield f"- and {len(entries) - LISTED} more"
    yield "::endgroup::"
