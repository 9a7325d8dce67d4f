"""The merge requests of one project at GitLab."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.fields import Fields
from tidegate.adapters.pull_requests.gitlab import documents
from tidegate.adapters.pull_requests.gitlab.address import Address
from tidegate.adapters.pull_requests.gitlab.conversation import Conversation
from tidegate.adapters.pull_requests.gitlab.people import People
from tidegate.adapters.pull_requests.gitlab.rights import missing
from tidegate.adapters.pull_requests.gitlab.text import harmless, joined, titled
from tidegate.adapters.pull_requests.origin import merged_with
from tidegate.adapters.pull_requests.unfinished import marked
from tidegate.domain.app import MergeMethod
from tidegate.domain.pull_request import (
    Comment,
    Issue,
    Proposal,
    PullRequest,
    PullRequestChange,
    PullRequestState,
    Review,
    Status,
    StatusState,
    User,
)
from tidegate.errors import ConflictError, NotFound, Rejected

_LONGEST_DESCRIPTION = 255
_STATUSES = {
    StatusState.SUCCESS: "success",
    StatusState.PENDING: "pending",
    StatusState.FAILURE: "failed",
    StatusState.ERROR: "failed",
    StatusState.SKIPPED: "canceled",
}
_SAID_ALREADY = "Cannot transition status"


class GitLab:
    """One project (see `ports.PullRequests`). Safe for several threads at once."""

    def __init__(self, address: Address, api: Api, *, job: bool = False) -> None:
        """`job` says that the token is a job's, which may see less."""
        self._address, self._api, self._job = address, api, job
        self._conversation = Conversation(api, address, self.account)
        self._people = People(api)

    @property
    def place(self) -> str:
        """Its host and the project."""
        return self._address.place

    @property
    def credential(self) -> str:
        """A variable's name."""
        return self._api.credential

    @cached_property
    def _account(self) -> User:
        if self._job:
            return documents.user(self._api.get("job", "the job's account").inner("user"))
        return documents.user(self._api.get("user", "the token's account"))

    def account(self) -> User:
        """A project's token speaks for a bot of its own."""
        return self._account

    def missing_permissions(self) -> Sequence[str]:
        """By the token's scopes and its role in the project."""
        return missing(self._address, self._api, self._job)

    def members(self, team: str) -> frozenset[str]:
        """A team is a group: those of it and of the groups above it."""
        group = team.removeprefix("@").strip("/")
        if not group or not all(part.strip(".") for part in group.split("/")):
            raise NotFound(f"{self.place} has no group {team!r}")
        path = f"groups/{quote(group, safe='')}/members/all"
        found = self._api.pages(path, f"the members of {team}")
        return frozenset(documents.user(f).key for f in found if f.text("state") == "active")

    def find(
        self,
        *,
        branch: str | None = None,
        prefix: str = "",
    ) -> Sequence[PullRequest]:
        """GitLab filters by all but the prefix."""
        query = {
            "state": "opened",
            "source_branch": branch,
            "order_by": "created_at",
            "sort": "desc",
        }
        pages = self._api.pages(self._address.path("merge_requests"), "merge requests", query)
        found = [documents.pull_request(fields) for fields in pages]
        return [
            pull_request
            for pull_request in sorted(found, key=lambda p: p.number, reverse=True)
            if not pull_request.foreign
            if pull_request.branch.startswith(prefix)
        ]

    def origin_of(self, revision: str) -> PullRequest | None:
        """By its merge commit, its squash, or its own commits."""
        path = self._address.path("repository", "commits", revision, "merge_requests")
        found = map(documents.pull_request, self._api.pages(path, f"the origin of {revision}"))
        return merged_with(revision, found)

    def get(self, number: int) -> PullRequest:
        """With `mergeable`, which GitLab may only be finding out."""
        return documents.pull_request(self._api.get(self._path(number), _words(number)))

    def create(self, proposal: Proposal) -> PullRequest:
        """In one request, after one for each reviewer's id."""
        body: dict[str, Any] = {
            "source_branch": proposal.branch,
            "target_branch": proposal.base,
            "title": titled(proposal.title, proposal.draft),
            "description": marked(harmless(proposal.body)),
            "labels": joined(proposal.labels),
            "reviewer_ids": self._people.ids(proposal.reviewers),
        }
        subject = f"a merge request from {proposal.branch}"
        path = self._address.path("merge_requests")
        return documents.pull_request(self._api.send("POST", path, subject, body))

    def finish(self, there: PullRequest) -> PullRequest:
        """One request, for the text alone: labels were there from the beginning."""
        return self._change(there.number, {"description": harmless(there.body)})

    def update(self, there: PullRequest, change: PullRequestChange) -> PullRequest:
        """In one request, after one to see whom others have asked."""
        number, body = there.number, dict[str, Any]()
        draft = there.draft if change.draft is None else change.draft
        title = there.title if change.title is None else change.title
        if (title, draft) != (there.title, there.draft):
            body["title"] = titled(title, draft)
        if change.body not in (None, there.body):
            text = harmless(change.body or "")
            body["description"] = marked(text) if there.unfinished else text
        if change.labels is not None and {*change.labels} != {*there.labels}:
            body["labels"] = joined(change.labels)
        if change.reviewers:
            path, subject = self._path(number), _words(number)
            asked = documents.ids(self._api.get(path, subject).items("reviewers")).values()
            body["reviewer_ids"] = sorted({*asked, *self._people.ids(change.reviewers)})
        return self._change(number, body) if body else there

    def close(self, number: int, comment: str | None = None) -> None:
        """The comment comes first, so that nobody wonders."""
        if self.get(number).state is not PullRequestState.OPEN:
            return
        if comment is not None:
            self._conversation.comment(number, comment)
        self._change(number, {"state_event": "close"})

    def comments(self, number: int) -> Sequence[Comment]:
        """Those on lines of the diff too."""
        return self._conversation.comments(number)

    def comments_of(
        self,
        numbers: Sequence[int],  # noqa: ARG002 the port's shape
    ) -> Mapping[int, Sequence[Comment]]:
        """GitLab tells only those below one of them."""
        return {}

    def keep_comment(
        self, number: int, marker: str, body: str, known: Sequence[Comment] | None = None
    ) -> Comment:
        """In place, so that nobody is notified again."""
        return self._conversation.keep(number, marker, body, known)

    def set_status(self, status: Status) -> None:
        """GitLab refuses what is said already: that is no mistake."""
        words = status.description
        if len(words) > _LONGEST_DESCRIPTION:
            words = words[: _LONGEST_DESCRIPTION - 1] + "…"
        body = {"state": _STATUSES[status.state], "name": status.context, "description": words}
        if status.url:
            body["target_url"] = status.url
        path = self._address.path("statuses", status.revision)
        try:
            self._api.do("POST", path, f"status {status.context}", body)
        except Rejected as error:
            if _SAID_ALREADY not in error.message:
                raise

    def statuses(self, revision: str) -> Sequence[Status]:
        """The jobs of its pipelines too."""
        path = self._address.path("repository", "commits", revision, "statuses")
        found = self._api.pages(path, f"checks of {revision}")
        return [documents.status(fields, revision) for fields in found]

    def statuses_of(
        self,
        context: str,  # noqa: ARG002 the port's shape
        revisions: Sequence[str],  # noqa: ARG002
    ) -> Mapping[str, Status]:
        """GitLab tells only those of one commit."""
        return {}

    def reviews(self, number: int) -> Sequence[Review]:
        """Of GitLab's approvals; see `documents.reviews` for the head that each is of."""
        path, subject = self._path(number), f"approvals of {_words(number)}"
        approvals = [
            (self._person(approval.inner("user")), approval.time("approved_at"))
            for approval in self._api.get(f"{path}/approvals", subject).items("approved_by")
        ]
        reviewers = self._api.pages(f"{path}/reviewers", subject)
        versions = self._api.pages(f"{path}/versions", subject)
        return documents.reviews(approvals, reviewers, versions)

    def merge(self, number: int, revision: str, method: MergeMethod, message: str = "") -> str:
        """A rebase takes a project that merges by fast-forward: GitLab has no other way."""
        known = self._at(number, revision)
        if known.merge_revision is not None:
            return known.merge_revision
        body = _how(revision, method, message)
        if method is MergeMethod.REBASE:
            self._check_fast_forward()
        merged = self._merge(number, body)
        if merged.merge_revision is None:
            raise Rejected(f"{self.place} has not merged {_words(number)} yet")
        return merged.merge_revision

    def auto_merge(
        self, number: int, revision: str, method: MergeMethod, message: str = ""
    ) -> None:
        """Through a merge train, where the project has one. A new message is asked for anew."""
        known = self._at(number, revision)
        if known.state is PullRequestState.MERGED or (known.auto_merge and not message):
            return
        if known.auto_merge:
            self.cancel_auto_merge(number)
        if method is MergeMethod.REBASE:
            self._check_fast_forward()
        body = _how(revision, method, message)
        # The second is what servers before 17.11 know.
        self._merge(number, {**body, "auto_merge": True, "merge_when_pipeline_succeeds": True})

    def cancel_auto_merge(self, number: int) -> None:
        """Out of a merge train, too."""
        if self.get(number).auto_merge:
            path = f"{self._path(number)}/cancel_merge_when_pipeline_succeeds"
            self._api.do("POST", path, f"auto-merge of {_words(number)}")

    def keep_issue(self, marker: str, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Labels that people added stay."""
        return self._conversation.keep_issue(marker, title, body, labels)

    def close_issue(self, marker: str, body: str) -> Issue | None:
        """In one request, so that nobody finds it closed without a reason."""
        return self._conversation.close_issue(marker, body)

    def _person(self, fields: Fields) -> User:
        """Only a user's own page says whether it is a bot's."""
        number = fields.number("id")
        return documents.user(self._api.get(f"users/{number}", "who approved"))

    def _at(self, number: int, revision: str) -> PullRequest:
        known = self.get(number)
        if known.revision != revision:
            raise ConflictError(
                f"{_words(number)} is no longer at {revision[:10]}",
                hint="look at what was pushed, and judge it again",
            )
        return known

    def _merge(self, number: int, body: dict[str, Any]) -> PullRequest:
        path, subject = f"{self._path(number)}/merge", f"the merge of {_words(number)}"
        return documents.pull_request(self._api.send("PUT", path, subject, body))

    def _check_fast_forward(self) -> None:
        project = self._api.get(self._address.path(), "the project")
        if project.text("merge_method") != "ff":
            raise Rejected(
                f"{self.place} merges by {project.text('merge_method') or 'merge'}, not by rebase",
                hint="set the project's merge method to fast-forward, or take another method",
            )

    def _change(self, number: int, body: dict[str, Any]) -> PullRequest:
        path = self._path(number)
        return documents.pull_request(
            self._api.send("PUT", path, _words(number), body, repeatable=True)
        )

    def _path(self, number: int) -> str:
        return self._address.path("merge_requests", number)


def _how(revision: str, method: MergeMethod, message: str) -> dict[str, Any]:
    squash = method is MergeMethod.SQUASH
    body: dict[str, Any] = {"sha": revision, "squash": squash}
    if message:
        body["squash_commit_message" if squash else "merge_commit_message"] = message
    return body


def _words(number: int) -> str:
    return f"merge request {number}"
