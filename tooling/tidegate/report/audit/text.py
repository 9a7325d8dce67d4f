"""The audit, for people at a terminal."""

from __future__ import annotations

from datetime import UTC

from rich.console import Group, RenderableType
from rich.text import Text

from tidegate.domain.audit import AuditReport, Deed
from tidegate.domain.text import one_line
from tidegate.report.audit import words
from tidegate.report.sheet import Sheet

_STYLES = {Deed.PROMOTED: "green", Deed.ROLLED_BACK: "yellow"}


def audit(report: AuditReport) -> RenderableType:
    """One row a deed, oldest first."""
    if not report.entries:
        return Text(words.closing(report))
    sheet = Sheet("when (UTC)", "where", "what", "version", "by", "commit", "")
    for entry in report.entries:
        style = "bold red" if words.suspect(entry) else _STYLES.get(entry.deed, "")
        sheet.add(
            f"{entry.when.astimezone(UTC):%Y-%m-%d %H:%M}",
            one_line(words.place(entry)),
            Text(words.TITLES[entry.deed], style=style),
            one_line(words.step(entry)),
            one_line(words.people(entry)),
            entry.revision[:10],
            "\n".join(one_line(line) for line in words.story(entry)),
        )
    return Group(sheet, Text(), Text(words.closing(report)))
