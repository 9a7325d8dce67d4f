"""What a check found, for a comment on a pull request or a job's summary."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.check import CheckReport
from tidegate.report.check import words
from tidegate.report.check.words import Entry
from tidegate.report.escape import code, prose

# GitHub refuses a comment of more than 65,536 characters.
_CHARACTERS = 60_000
_OPEN = 20
_ICONS = {"error": "❌", "warning": "⚠️", "note": "ℹ️", words.WAIVED: "➖"}


def check(report: CheckReport) -> str:
    """How the check ended, the severest findings, the others folded, and what was looked at."""
    icon = "❌" if report.failed else "✅"
    lines = [f"### {icon} {words.verdict(report)}", ""]
    found = words.entries(report.findings)
    waived = [entry for entry in found if entry.level == words.WAIVED]
    opened, folded = words.select([e for e in found if e.level != words.WAIVED], _OPEN)
    room = _Room(_CHARACTERS)
    lines += _table(opened, room)
    lines += _folded(f"{len(folded)} more", folded, room)
    lines += _folded(f"{len(waived)} waived", waived, room)
    if room.missing:
        told = words.tally(room.missing)
        lines += [f"Not shown, for want of room: {told}.", ""]
    lines += [f"> {prose(note)}" for note in report.coverage.notes[:_OPEN]]
    if report.coverage.notes:
        lines.append("")
    lines.append(prose(words.coverage(report.coverage)))
    return "\n".join(lines) + "\n"


class _Room:
    """How much may still be written; what didn't fit is remembered."""

    def __init__(self, characters: int) -> None:
        self._left = characters
        self.missing: list[str] = []

    def take(self, entry: Entry, row: str) -> bool:
        """Whether the row fits."""
        self._left -= len(row) + 1
        if self._left < 0:
            self.missing.append(entry.level)
        return self._left >= 0


def _folded(title: str, entries: Sequence[Entry], room: _Room) -> Iterator[str]:
    rows = list(_table(entries, room))
    if rows:
        yield from (f"<details><summary>{title}</summary>", "", *rows, "</details>", "")


def _table(entries: Sequence[Entry], room: _Room) -> Iterator[str]:
    rows = [(entry, _row(entry)) for entry in entries]
    fitting = [row for entry, row in rows if room.take(entry, row)]
    if fitting:
        yield from ("| | where | rule | finding |", "|---|---|---|---|", *fitting, "")


def _row(entry: Entry) -> str:
    finding = entry.finding
    parts = [prose(words.message(finding))]
    about = code(words.subject(finding))
    parts.append(" ".join(filter(None, [about, prose(words.overlays(entry))])))
    if entry.level == words.WAIVED:
        parts.append(prose(words.waived(finding)))
    elif fix := words.fix(finding):
        parts.append(f"→ {prose(fix)}")
    where, rule = code(str(finding.where)), code(finding.violation.rule)
    return f"| {_ICONS[entry.level]} | {where} | {rule} | {'<br>'.join(parts)} |"
