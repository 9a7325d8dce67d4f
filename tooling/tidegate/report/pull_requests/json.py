"""Pull requests as JSON."""

from __future__ import annotations

from typing import Any

from tidegate.domain.proposed import Proposed
from tidegate.domain.pull_request import PullRequest
from tidegate.report import record


def proposed(item: Proposed) -> dict[str, Any]:
    """One branch and its pull request."""
    return {
        "apps": list(item.apps),
        "branch": item.branch,
        "action": item.action.value,
        "pullRequest": pull_request(item.pull_request) if item.pull_request else None,
        "title": item.title or None,
        "body": item.body or None,
        "plan": {"message": item.draft.message, "diff": item.diff} if item.draft else None,
        "note": item.note or None,
        "error": record.failure(item.error) if item.error else None,
    }


def pull_request(item: PullRequest) -> dict[str, Any]:
    """A pull request, as it was seen last."""
    return {
        "number": item.number,
        "url": item.url,
        "state": item.state.value,
        "revision": item.revision,
        "draft": item.draft,
    }
