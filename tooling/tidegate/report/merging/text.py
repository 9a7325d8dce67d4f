"""A merge, for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tidegate.domain.merging import MergeReport
from tidegate.domain.text import one_line
from tidegate.report.merging import words
from tidegate.report.verification import text as verified


def merging(report: MergeReport) -> RenderableType:
    """What was judged again, what stands in its way, and what was done."""
    lines: list[RenderableType] = []
    if report.verification:
        lines.append(verified.verification(report.verification))
    for item in report.approvals:
        place = f"{item.app} in {item.environment}"
        said = f"approval {item.result.status.value}: {item.result.sentence}"
        style = "bold red" if item.result.status.blocks else "green"
        lines.append(Text(one_line(f"{place}: {said}", 500), style=style))
    lines += [Text(one_line(text, 500), style="red") for text in report.obstacles]
    style = "bold green" if report.exit_code == 0 else "bold red"
    lines.append(Text(words.closing(report), style=style))
    lines.append(Text(one_line(report.pull_request.url, 500)))
    return Group(*lines)
