"""The pull requests of one repository at GitHub."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any
from urllib.parse import quote

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.fields import Fields, one, parse
from tidegate.adapters.pull_requests.github import documents, many
from tidegate.adapters.pull_requests.github.address import Address
from tidegate.adapters.pull_requests.github.changes import Changes
from tidegate.adapters.pull_requests.github.checks import newest, worst
from tidegate.adapters.pull_requests.github.conversation import Conversation
from tidegate.adapters.pull_requests.github.graph import Graph
from tidegate.adapters.pull_requests.github.rights import Granted, missing
from tidegate.adapters.pull_requests.origin import merged_with
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

_LONGEST_DESCRIPTION = 140
_NOTHING_TO_WAIT_FOR = ("clean status", "unstable status")


class GitHub:
    """One repository (see `ports.PullRequests`). Safe for several threads at once."""

    def __init__(self, address: Address, api: Api, granted: Granted | None = None) -> None:
        """`granted` tells the permissions of an App's installation, where the token is one's."""
        self._address, self._api, self._granted = address, api, granted
        self._graph = Graph(api, address)
        self._changes = Changes(api, address, self._graph)
        self._conversation = Conversation(api, address, self.account)

    @property
    def place(self) -> str:
        """Its host and the repository."""
        return self._address.place

    @property
    def credential(self) -> str:
        """A variable's name, or an App's."""
        return self._api.credential

    @cached_property
    def _account(self) -> User:
        login = self._graph.login()
        return User(login, bot=login.endswith("[bot]"))

    def account(self) -> User:
        """An App's installation speaks for `slug[bot]`."""
        return self._account

    def missing_permissions(self) -> Sequence[str]:
        """Of an App's installation all is known, of other tokens what the repository tells."""
        return missing(self._address, self._api, self._granted)

    def members(self, team: str) -> frozenset[str]:
        """Those of child teams too."""
        parts = team.removeprefix("@").split("/")
        if len(parts) != 2 or not all(part.strip(".") for part in parts):
            raise NotFound(f"{self.place} has no team {team!r}: it is written organisation/team")
        organisation, slug = (quote(part, safe="") for part in parts)
        path = f"orgs/{organisation}/teams/{slug}/members"
        found = self._api.pages(path, f"the members of {team}")
        return frozenset(documents.user(fields).key for fields in found)

    def find(
        self,
        *,
        branch: str | None = None,
        prefix: str = "",
    ) -> Sequence[PullRequest]:
        """GitHub filters by branch, the rest is done here."""
        query = {
            "state": "open",
            "head": f"{self._address.owner}:{branch}" if branch else None,
            "sort": "created",
            "direction": "desc",
        }
        pages = self._api.pages(self._address.path("pulls"), "pull requests", query)
        found = [documents.pull_request(fields) for fields in pages]
        return [
            pull_request
            for pull_request in found
            if not pull_request.foreign
            if pull_request.branch == (branch or pull_request.branch)
            if pull_request.branch.startswith(prefix)
        ]

    def origin_of(self, revision: str) -> PullRequest | None:
        """GitHub lists all that have the commit, those that were merged first."""
        path = self._address.path("commits", revision, "pulls")
        found = map(documents.pull_request, self._api.pages(path, f"the origin of {revision}"))
        return merged_with(revision, found)

    def get(self, number: int) -> PullRequest:
        """With `mergeable`, which GitHub may only be finding out."""
        return documents.pull_request(self._api.get(self._pull(number), _words(number)))

    def create(self, proposal: Proposal) -> PullRequest:
        """Reviewers take a request."""
        return self._changes.open(proposal)

    def finish(self, there: PullRequest) -> PullRequest:
        """One request."""
        return self._changes.finish(there)

    def update(self, there: PullRequest, change: PullRequestChange) -> PullRequest:
        """A request for texts and labels, one for reviewers; two for a draft."""
        return self._changes.change(there, change)

    def close(self, number: int, comment: str | None = None) -> None:
        """The comment comes first, so that nobody wonders."""
        if self.get(number).state is not PullRequestState.OPEN:
            return
        if comment is not None:
            self._conversation.comment(number, comment)
        body = {"state": "closed"}
        self._api.do("PATCH", self._pull(number), _words(number), body)

    def comments(self, number: int) -> Sequence[Comment]:
        """Not those on lines of the diff."""
        return self._conversation.comments(number)

    def comments_of(self, numbers: Sequence[int]) -> Mapping[int, Sequence[Comment]]:
        """Many a request, so far as few people have written below them."""
        return many.comments(self._graph, numbers, self.account())

    def keep_comment(
        self, number: int, marker: str, body: str, known: Sequence[Comment] | None = None
    ) -> Comment:
        """In place, so that nobody is notified again."""
        return self._conversation.keep(number, marker, body, known)

    def set_status(self, status: Status) -> None:
        """GitHub cuts nothing itself: what is too long is cut here."""
        state = "error" if status.state is StatusState.SKIPPED else status.state.value
        words = status.description
        if len(words) > _LONGEST_DESCRIPTION:
            words = words[: _LONGEST_DESCRIPTION - 1] + "…"
        body = {"state": state, "context": status.context, "description": words}
        if status.url:
            body["target_url"] = status.url
        path = self._address.path("statuses", status.revision)
        self._api.do("POST", path, f"status {status.context}", body)

    def statuses(self, revision: str) -> Sequence[Status]:
        """Of a commit status and check runs of the same name the worst."""
        told = self._checks(revision, "status", "statuses")
        runs = self._checks(revision, "check-runs", "check_runs")
        return worst(
            [*(documents.status(fields, revision) for fields in told), *newest(runs, revision)]
        )

    def statuses_of(self, context: str, revisions: Sequence[str]) -> Mapping[str, Status]:
        """Many a request; without check runs."""
        return many.statuses(self._graph, context, revisions)

    def reviews(self, number: int) -> Sequence[Review]:
        """As GitHub counts them for a protected branch."""
        path = self._pull(number, "reviews")
        return documents.reviews(self._api.pages(path, f"reviews of {_words(number)}"))

    def merge(self, number: int, revision: str, method: MergeMethod, message: str = "") -> str:
        """GitHub itself holds the head to the revision."""
        pull_request = self.get(number)
        if pull_request.revision != revision:
            raise _moved(pull_request.number, revision)
        if pull_request.merge_revision is not None:
            return pull_request.merge_revision
        title, rest = _split(message)
        body = {"sha": revision, "merge_method": method.value}
        if title:
            body |= {"commit_title": title, "commit_message": rest}
        path, subject = self._pull(number, "merge"), f"the merge of {_words(number)}"
        return self._api.send("PUT", path, subject, body).text("sha")

    def auto_merge(
        self, number: int, revision: str, method: MergeMethod, message: str = ""
    ) -> None:
        """Where merges go through a queue, GitHub puts it there as soon as it may. What is asked
        for already stays while others push, older message and all: it is asked for anew."""
        look = self._graph.look(number)
        if look.revision != revision:
            raise _moved(number, revision)
        if look.merged or look.queued or (look.method is method and not message):
            return
        if look.method is not None:
            self.cancel_auto_merge(number)
        values: dict[str, Any] = {"pullRequestId": look.id, "expectedHeadOid": revision}
        if not look.queue:  # a queue has its own method and message
            values["mergeMethod"] = method.value.upper()
            title, body = _split(message)
            if title and method is not MergeMethod.REBASE:
                values |= {"commitHeadline": title, "commitBody": body}
        subject = f"auto-merge of {_words(number)}"
        try:
            self._graph.change("enablePullRequestAutoMerge", subject, values)
        except Rejected as error:
            if not any(words in error.message for words in _NOTHING_TO_WAIT_FOR):
                raise
            self.merge(number, revision, method, message)

    def cancel_auto_merge(self, number: int) -> None:
        """Out of a queue, too."""
        look = self._graph.look(number)
        subject = f"auto-merge of {_words(number)}"
        if look.method is not None:
            self._graph.change("disablePullRequestAutoMerge", subject, {"pullRequestId": look.id})
        if look.queued:
            self._graph.change("dequeuePullRequest", subject, {"id": look.id})

    def keep_issue(self, marker: str, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """Labels that people added stay."""
        return self._conversation.keep_issue(marker, title, body, labels)

    def close_issue(self, marker: str, body: str) -> Issue | None:
        """In one request, so that nobody finds it closed without a reason."""
        return self._conversation.close_issue(marker, body)

    def _checks(self, revision: str, kind: str, key: str) -> Iterator[Fields]:
        path, subject = self._address.path("commits", revision, kind), f"checks of {revision}"
        for answer in self._api.answers(path, subject):
            yield from one(self.place, parse(self.place, answer.body)).items(key)

    def _pull(self, number: int, *more: str) -> str:
        return self._address.path("pulls", number, *more)


def _split(message: str) -> tuple[str, str]:
    """A commit's title, and the rest."""
    title, _, rest = message.partition("\n")
    return title, rest.strip("\n")


def _words(number: int) -> str:
    return f"pull request {number}"


def _moved(number: int, revision: str) -> ConflictError:
    return ConflictError(
        f"pull request {number} is no longer at {revision[:10]}",
        hint="look at what was pushed, and judge it again",
    )
