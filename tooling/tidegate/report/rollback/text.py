"""What was rolled back, for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.rollback import RollbackReport
from tidegate.report import written
from tidegate.report.pull_requests.text import proposed
from tidegate.report.rollback import words
from tidegate.report.sync.text import sync
from tidegate.report.verbatim import Verbatim


def rollback(report: RollbackReport) -> RenderableType:
    """One section an app: from where, to where, and what keeps it there."""
    lines: list[RenderableType] = []
    for item in report.apps:
        title = Text(item.app, style="bold")
        title.append(f"  {report.environment}  {words.arrow(item)}  ", style="not bold")
        style = written.STYLES.get(item.ending, "bold red")
        lines.append(title.append(words.ENDINGS[item.ending], style=style))
        if item.after:
            lines.append(Verbatim(str(item.after.image), "dim"))
        lines += [Padding(Text(remark), (0, 0, 0, 4)) for remark in words.remarks(item)]
        if item.error:
            lines.extend(written.failure(item.error))
    lines.extend(written.lines(report.written, report.ending))
    for offered in report.written.proposals:
        lines.extend(proposed(offered))
    lines += [sync(report.sync)] if report.sync else []
    return Group(*lines)
