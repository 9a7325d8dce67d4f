"""What a check found, for people at a terminal: a line a finding that an editor can jump to."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.segment import Segment
from rich.style import Style

from tidegate.domain.check import CheckReport
from tidegate.domain.text import no_command, one_line, printable
from tidegate.report.check import words
from tidegate.report.check.words import Entry

SHOWN = 200
_STYLE = {"error": "bold red", "warning": "yellow", "note": "cyan", words.WAIVED: "dim"}

# Text and its style.
Line = list[tuple[str, str]]


def check(report: CheckReport, *, verbose: bool = False) -> RenderableType:
    """The findings by file and line, then how the check ended and what it looked at."""
    return Lines(tuple(_lines(report, verbose=verbose)))


class Lines:
    """Lines that are never wrapped or cut, so that their places can be clicked and searched for."""

    def __init__(self, lines: tuple[Line, ...]) -> None:
        self._lines = lines

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines, coloured."""
        styles: dict[str, Style] = {}
        for line in self._lines:
            for text, name in line:
                style = styles.setdefault(name, Style.parse(name)) if name else None
                yield Segment(text, style)
            yield Segment.line()


def _lines(report: CheckReport, *, verbose: bool) -> Iterator[Line]:
    found = words.entries(report.findings)
    shown, rest = (found, []) if verbose else words.select(found, SHOWN)
    file = None
    for entry in shown:
        where = entry.finding.where.file
        if file not in (None, where):
            yield []
        file = where
        yield from _entry(entry, verbose=verbose)
    if shown:
        yield []
    if rest:
        told = words.tally(entry.level for entry in rest)
        yield [(f"… and {len(rest)} more: {told} (-v shows all)", "bold")]
    for note in report.coverage.notes:
        yield [("note: ", "cyan"), (one_line(note), "")]
    style = "bold red" if report.failed else "bold green"
    yield [(words.verdict(report), style)]
    yield [(words.coverage(report.coverage), "")]


def _entry(entry: Entry, *, verbose: bool) -> Iterator[Line]:
    finding = entry.finding
    style = _STYLE[entry.level]
    yield [
        (no_command(printable(str(finding.where), 500)), "bold"),
        (f"  {entry.level}", style),
        (f"  {one_line(finding.violation.rule, 100)}", "cyan"),
        (f"  {words.message(finding)}", ""),
    ]
    about = " ".join(filter(None, [words.subject(finding), words.overlays(entry)]))
    yield [(f"    {no_command(about)}", "dim")]
    if entry.level == words.WAIVED:
        yield [(f"    {words.waived(finding)}", "dim")]
    elif fix := words.fix(finding):
        yield [(f"    → {fix}", "dim")]
    if verbose and finding.violation.link:
        yield [(f"    {one_line(finding.violation.link)}", "dim")]
