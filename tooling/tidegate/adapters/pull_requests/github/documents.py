"""What GitHub's REST API says → domain."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.adapters.pull_requests.fields import Fields
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

_STATES = {
    "success": StatusState.SUCCESS,
    "pending": StatusState.PENDING,
    "failure": StatusState.FAILURE,
    "error": StatusState.ERROR,
}
_CONCLUSIONS = {
    "success": StatusState.SUCCESS,
    "neutral": StatusState.SUCCESS,
    "skipped": StatusState.SKIPPED,
    "failure": StatusState.FAILURE,
    "timed_out": StatusState.FAILURE,
    "action_required": StatusState.FAILURE,
}
_REVIEWS = {
    "APPROVED": ReviewState.APPROVED,
    "CHANGES_REQUESTED": ReviewState.CHANGES_REQUESTED,
    "COMMENTED": ReviewState.COMMENTED,
    "DISMISSED": ReviewState.DISMISSED,
}
# Who has deleted their account.
_GHOST = User("ghost")


def user(fields: Fields) -> User:
    """An account."""
    login = fields.text("login")
    return User(login, bot=fields.text("type") == "Bot") if login else _GHOST


def pull_request(fields: Fields) -> PullRequest:
    """A pull request, from a list or alone."""
    head, base = fields.inner("head"), fields.inner("base")
    merged = fields.time("merged_at")
    state = PullRequestState.OPEN if fields.text("state") == "open" else PullRequestState.CLOSED
    home, source = base.inner("repo").text("full_name"), head.inner("repo").text("full_name")
    body, unfinished = unmarked(fields.text("body"))
    people = [reviewer.text("login") for reviewer in fields.items("requested_reviewers")]
    teams = [
        f"{home.partition('/')[0]}/{team.text('slug')}" for team in fields.items("requested_teams")
    ]
    return PullRequest(
        number=fields.number("number"),
        url=fields.text("html_url"),
        state=PullRequestState.MERGED if merged else state,
        title=fields.text("title"),
        body=body,
        branch=head.text("ref"),
        base=base.text("ref"),
        revision=head.text("sha"),
        author=user(fields.inner("user")),
        draft=bool(fields.flag("draft")),
        foreign=not source or source.casefold() != home.casefold(),
        # Of an open one this is a merge that GitHub only tried.
        merge_revision=fields.text("merge_commit_sha") or None if merged else None,
        unfinished=unfinished,
        labels=tuple(label.text("name") for label in fields.items("labels")),
        reviewers=(*people, *teams),
        mergeable=fields.flag("mergeable"),
        auto_merge=fields.has("auto_merge"),
        created=fields.time("created_at"),
        merged=merged,
    )


def comment(fields: Fields) -> Comment:
    """A comment below a pull request."""
    return Comment(fields.number("id"), user(fields.inner("user")), fields.text("body"))


def status(fields: Fields, revision: str) -> Status:
    """A commit status."""
    state = _STATES.get(fields.text("state"), StatusState.ERROR)
    context, words = fields.text("context"), fields.text("description")
    return Status(revision, context, state, words, fields.text("target_url"))


def status_context(fields: Fields, revision: str) -> Status:
    """The same, from GraphQL."""
    state = _STATES.get(fields.text("state").lower(), StatusState.ERROR)
    context, words = fields.text("context"), fields.text("description")
    return Status(revision, context, state, words, fields.text("targetUrl"))


def check_run(fields: Fields, revision: str) -> Status:
    """A check run, as the status that it amounts to."""
    state = StatusState.PENDING
    if fields.text("status") == "completed":
        state = _CONCLUSIONS.get(fields.text("conclusion"), StatusState.ERROR)
    words = fields.inner("output").text("title")
    return Status(revision, fields.text("name"), state, words, fields.text("html_url"))


def reviews(found: Iterable[Fields]) -> tuple[Review, ...]:
    """What each reviewer said last, from all that they said in turn. A comment takes nothing back,
    as at GitHub itself."""
    last: dict[str, Review] = {}
    for fields in found:
        state = _REVIEWS.get(fields.text("state"))
        if state is None:  # one that is being written
            continue
        author = user(fields.inner("user"))
        known = last.get(author.key)
        if state is ReviewState.COMMENTED and known and known.state is not ReviewState.COMMENTED:
            continue
        revision = fields.text("commit_id") or None
        last.pop(author.key, None)
        last[author.key] = Review(author, state, revision)
    return tuple(last.values())


def issue(fields: Fields) -> Issue:
    """An issue."""
    labels = tuple(label.text("name") for label in fields.items("labels"))
    title, body = fields.text("title"), fields.text("body")
    return Issue(fields.number("number"), fields.text("html_url"), title, body, labels)
