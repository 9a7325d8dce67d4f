"""Pull requests as Markdown, for a job's summary."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.proposed import Action, Proposed
from tidegate.report import written
from tidegate.report.escape import code, prose


def proposed(item: Proposed) -> Iterator[str]:
    """One line a pull request."""
    there = item.pull_request
    apps = ", ".join(code(app) for app in item.apps)
    what = f"[pull request {there.number}](<{there.url}>)" if there else code(item.branch)
    note = f": {prose(item.note)}" if item.note else ""
    yield f"- {apps}: {item.action.value} {what}{note}"
    if item.error:
        yield f"  {written.refusal(item.error)}"
    if item.action is Action.PLANNED and item.draft:
        yield from ("", *written.changes(item.diff))
