"""What GitLab's REST API says → domain."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from tidegate.adapters.pull_requests.fields import Fields
from tidegate.adapters.pull_requests.gitlab.text import as_written, bare
from tidegate.adapters.pull_requests.unfinished import unmarked
from tidegate.domain.pull_request import (
    Comment,
    Issue,
    PullRequest,
    PullRequestState,
    Review,
    ReviewState,
    Status,
    StatusState,
    User,
)

_STATES = {"merged": PullRequestState.MERGED, "closed": PullRequestState.CLOSED}
_MERGEABLE = {"can_be_merged": True, "cannot_be_merged": False}
_STATUSES = {
    "success": StatusState.SUCCESS,
    "failed": StatusState.FAILURE,
    "canceled": StatusState.ERROR,
    "skipped": StatusState.SKIPPED,
    "manual": StatusState.SKIPPED,
}
# What project and group access tokens act as; only one user's own page says `bot`.
_BOT = re.compile(r"(project|group)_\d+_bot(_\w+)?|.*-?service_account.*|ghost")


def user(fields: Fields) -> User:
    """An account."""
    login = fields.text("username")
    said = fields.flag("bot")
    return User(login, bot=bool(_BOT.fullmatch(login)) if said is None else said)


def pull_request(fields: Fields) -> PullRequest:
    """A merge request, from a list or alone."""
    state = _STATES.get(fields.text("state"), PullRequestState.OPEN)
    revision = fields.text("sha")
    body, unfinished = unmarked(as_written(fields.text("description")))
    landed = fields.text("merge_commit_sha") or fields.text("squash_commit_sha") or revision
    return PullRequest(
        number=fields.number("iid"),
        url=fields.text("web_url"),
        state=state,
        title=bare(fields.text("title")),
        body=body,
        branch=fields.text("source_branch"),
        base=fields.text("target_branch"),
        revision=revision,
        author=user(fields.inner("author")),
        draft=bool(fields.flag("draft")),
        foreign=fields.data.get("source_project_id") != fields.data.get("target_project_id"),
        unfinished=unfinished,
        comments=fields.number("user_notes_count") if fields.has("user_notes_count") else 0,
        # A merge by fast-forward leaves the head itself.
        merge_revision=landed if state is PullRequestState.MERGED else None,
        labels=fields.texts("labels"),
        reviewers=tuple(user(reviewer).login for reviewer in fields.items("reviewers")),
        mergeable=_MERGEABLE.get(fields.text("merge_status")),
        auto_merge=bool(fields.flag("merge_when_pipeline_succeeds")),
        created=fields.time("created_at"),
        merged=fields.time("merged_at"),
    )


def comment(fields: Fields) -> Comment:
    """A note."""
    body = as_written(fields.text("body"))
    return Comment(fields.number("id"), user(fields.inner("author")), body)


def status(fields: Fields, revision: str) -> Status:
    """A commit status, or a job."""
    state = _STATUSES.get(fields.text("status"), StatusState.PENDING)
    words, url = fields.text("description"), fields.text("target_url")
    return Status(revision, fields.text("name"), state, words, url)


def reviews(
    approvals: Iterable[tuple[User, datetime | None]],
    reviewers: Iterable[Fields],
    versions: Iterable[Fields],
) -> tuple[Review, ...]:
    """Who approved, and who asked for changes.

    GitLab doesn't say which head somebody approved: it is the last one that was there at that
    time. Where that can't be told, the approval is of no head.
    """
    pushed = sorted(
        (at, version.text("head_commit_sha"))
        for version in versions
        if (at := version.time("created_at")) is not None
    )
    found: dict[str, Review] = {}
    for reviewer in reviewers:
        author = user(reviewer.inner("user"))
        if reviewer.text("state") == "requested_changes":
            found[author.key] = Review(author, ReviewState.CHANGES_REQUESTED, None)
    for author, at in approvals:
        seen = [revision for moment, revision in pushed if at is not None and moment <= at]
        # Whoever asked for changes has taken an earlier approval back.
        revision = seen[-1] if seen else None
        found.setdefault(author.key, Review(author, ReviewState.APPROVED, revision))
    return tuple(found.values())


def issue(fields: Fields) -> Issue:
    """An issue."""
    title, body = fields.text("title"), as_written(fields.text("description"))
    return Issue(fields.number("iid"), fields.text("web_url"), title, body, fields.texts("labels"))


def ids(found: Iterable[Fields]) -> Mapping[str, int]:
    """Users' ids by their keys."""
    return {user(fields).key: fields.number("id") for fields in found}
