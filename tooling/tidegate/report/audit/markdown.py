"""The audit, for a page or a ticket."""

from __future__ import annotations

from datetime import UTC

from tidegate.domain.audit import AuditReport
from tidegate.report.audit import words
from tidegate.report.escape import code, prose

_TITLES = ("when (UTC)", "where", "what", "version", "by", "commit", "why and how")
_HEAD = f"| {' | '.join(_TITLES)} |\n{'|---' * len(_TITLES)}|"


def audit(report: AuditReport) -> str:
    """A table, oldest first, and what it comes to."""
    lines = [_HEAD] if report.entries else []
    for entry in report.entries:
        mark = "❗ " if words.suspect(entry) else ""
        cells = (
            f"{entry.when.astimezone(UTC):%Y-%m-%d %H:%M}",
            code(words.place(entry)),
            f"{mark}{words.TITLES[entry.deed]}",
            prose(words.step(entry)),
            prose(words.people(entry)),
            f"`{entry.revision[:10]}`",
            "<br>".join(prose(text) for text in words.story(entry)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, "", words.closing(report)]) + "\n"
