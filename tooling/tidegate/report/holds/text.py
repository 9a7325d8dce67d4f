"""What was held or released, for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.holding import HoldReport
from tidegate.report import written
from tidegate.report.holds import words
from tidegate.report.pull_requests.text import proposed


def holds(report: HoldReport) -> RenderableType:
    """One line a place, with who holds it."""
    lines: list[RenderableType] = []
    for place in report.places:
        title = Text(words.title(place), style="bold")
        title.append(f"  {report.environment}  ", style="not bold")
        style = written.STYLES.get(place.ending, "bold red")
        lines.append(title.append(words.ending(report, place), style=style))
        for remark in words.remarks(place):
            lines.append(Padding(Text(remark), (0, 0, 0, 4)))
        if place.error:
            lines.extend(written.failure(place.error))
    lines.extend(written.lines(report.written, report.ending))
    for offered in report.written.proposals:
        lines.extend(proposed(offered))
    return Group(*lines)
