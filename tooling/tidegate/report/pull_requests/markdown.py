"""Pull requests as Markdown, for a job's summary."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.pull_request import PullRequest
from tidegate.report import written
from tidegate.report.escape import code, prose

# Nothing in it can end a link's `<…>`.
_ADDRESS = re.compile(r"https?://[!-;=?-~]{1,2000}")


def proposed(item: Proposed) -> Iterator[str]:
    """One line a pull request."""
    there = item.pull_request
    apps = ", ".join(code(app) for app in item.apps)
    what = _link(there) if there else code(item.branch)
    note = f": {prose(item.note)}" if item.note else ""
    yield f"- {apps}: {item.action.value} {what}{note}"
    if item.error:
        yield f"  {written.refusal(item.error)}"
    if item.action is Action.PLANNED and item.draft:
        yield from ("", *written.changes(item.diff))


def _link(there: PullRequest) -> str:
    """The pull request, as a link where the provider's address is fit for one."""
    words = f"pull request {there.number}"
    return f"[{words}](<{there.url}>)" if _ADDRESS.fullmatch(there.url) else words
