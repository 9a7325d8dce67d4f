"""A verification, for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.text import one_line, printable
from tidegate.domain.verification import Conclusion, Objection, VerifyReport
from tidegate.report.verification import words

_STYLES = {
    Conclusion.VERIFIED: "bold green",
    Conclusion.NOTHING: "green",
    Conclusion.REFUSED: "bold red",
    Conclusion.UNKNOWN: "bold red",
}


def verification(report: VerifyReport) -> RenderableType:
    """What is proven, what is objected to, and what is left to others."""
    lines: list[RenderableType] = []
    for item in report.proven:
        title = Text(one_line(words.place(item.environment, item.app)), style="bold")
        lines.append(title.append(f"  {one_line(words.deed(item))}", style="green"))
        if told := words.gates(item):
            lines.append(Padding(Text(one_line(told)), (0, 0, 0, 4)))
    for objection in report.objections:
        lines += _objection(objection)
    if report.owned:
        lines.append(Text("For their owners to look at:"))
    for path, what in list(report.owned.items())[: words.PATHS_SHOWN]:
        lines.append(Padding(Text(f"{printable(path)}  {what}"), (0, 0, 0, 4)))
    if len(report.owned) > words.PATHS_SHOWN:
        more = f"and {len(report.owned) - words.PATHS_SHOWN} more"
        lines.append(Padding(Text(more), (0, 0, 0, 4)))
    if left := words.left(report):
        lines.append(Text(left))
    lines.append(Text(words.closing(report), style=_STYLES[report.conclusion]))
    return Group(*lines)


def _objection(objection: Objection) -> list[RenderableType]:
    place = words.where(objection)
    text = one_line(objection.message, 1_000)
    lines: list[RenderableType] = [
        Text(printable(place), style="bold").append(": " if place else "").append(text, style="red")
    ]
    if objection.hint:
        lines.append(Padding(Text(f"→ {one_line(objection.hint, 1_000)}"), (0, 0, 0, 4)))
    return lines
