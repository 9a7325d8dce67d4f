"""A Reconciliation for people."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tidegate.domain.reconciliation import Reconciliation
from tidegate.domain.text import count, one_line
from tidegate.report.sheet import Sheet


def reconciliation(report: Reconciliation) -> RenderableType:
    """A line for each disagreement, and for all that could not be looked at."""
    parts: list[RenderableType] = []
    if report.disagreements:
        table = Sheet("app", "environment", "Git", "differs", "", grouped=True)
        for item in report.disagreements:
            words = Text(one_line(item.reason))
            if item.fixed:
                words.append("; moved", style="green")
            table.add(
                Text(one_line(item.app), style="bold"),
                one_line(item.environment),
                one_line(item.git or "–"),
                item.place.value,
                words,
            )
        parts.append(table)
    parts += [Text(f"not known: {one_line(why)}", style="yellow") for why in report.unknown]
    if not parts:
        parts.append(Text(f"{count(report.compared, 'release')}: everything agrees."))
    return Group(*parts)
