"""Pull requests for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.text import one_line
from tidegate.report import written
from tidegate.report.verbatim import Verbatim

_WORDS = {
    Action.OPENED: "Opened",
    Action.UPDATED: "Updated",
    Action.UNCHANGED: "Nothing changed in",
    Action.MARKED: "Marked as blocked:",
    Action.CLOSED: "Closed",
    Action.PLANNED: "A dry run: would open",
    Action.FAILED: "Could not finish",
}


def proposed(item: Proposed) -> Iterator[RenderableType]:
    """One pull request: what was done, where it is, and what is the matter with it."""
    there = item.pull_request
    word = "A dry run: would update" if item.action is Action.PLANNED and there else None
    what = f"pull request {there.number}" if there else f"a pull request from {item.branch}"
    yield Text(f"{word or _WORDS[item.action]} {one_line(what)}", style=_style(item.action))
    if there:
        yield Padding(Text(one_line(there.url, 500)), (0, 0, 0, 4))
    if item.note:
        yield Padding(Text(one_line(item.note, 500)), (0, 0, 0, 4))
    if item.error:
        yield from written.failure(item.error)
    if item.action is Action.PLANNED and item.draft:
        yield Text("It would say:", style="bold")
        yield Verbatim(f"{item.title}\n\n{item.body}")
        yield Text("and change:", style="bold")
        yield Verbatim(item.diff, diff=True)


def _style(action: Action) -> str:
    if action is Action.FAILED:
        return "bold red"
    return "yellow" if action is Action.MARKED else "green"
