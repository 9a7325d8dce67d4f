"""Opens pull requests at GitHub, and changes them, in as few requests as its REST API takes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.fields import Fields
from tidegate.adapters.pull_requests.github import documents
from tidegate.adapters.pull_requests.github.address import Address
from tidegate.adapters.pull_requests.github.graph import Graph
from tidegate.adapters.pull_requests.unfinished import marked
from tidegate.domain.pull_request import Proposal, PullRequest, PullRequestChange
from tidegate.errors import ConflictError, Rejected

_ALREADY_THERE = "already exists"


class Changes:
    """What is written of one repository's pull requests. Raises as `ports.PullRequests` says."""

    def __init__(self, api: Api, address: Address, graph: Graph) -> None:
        self._api, self._address, self._graph = api, address, graph

    def open(self, proposal: Proposal) -> PullRequest:
        """With a mark, so that whoever finds it knows what it may lack; `finish` gives the labels,
        for they and the text as it stays are one request."""
        body = {
            "title": proposal.title,
            "body": marked(proposal.body),
            "head": proposal.branch,
            "base": proposal.base,
            "draft": proposal.draft,
            "maintainer_can_modify": False,
        }
        subject = f"a pull request from {proposal.branch}"
        try:
            answer = self._api.send("POST", self._address.path("pulls"), subject, body)
        except Rejected as error:
            if _ALREADY_THERE in error.message:
                raise ConflictError(error.message, hint="look at it, and run it again") from None
            raise
        created = replace(documents.pull_request(answer), labels=proposal.labels)
        try:
            return self._ask(created, proposal.reviewers)
        except Rejected:  # somebody who has left, for example: again it would say the same
            self.finish(created)
            raise

    def finish(self, there: PullRequest) -> PullRequest:
        """Labels, and the text as it stays, in one request."""
        edited = self._patch(there.number, {"body": there.body, "labels": [*there.labels]})
        comments = edited.number("comments") if edited.has("comments") else 0
        return replace(there, unfinished=False, comments=comments)

    def change(self, there: PullRequest, change: PullRequestChange) -> PullRequest:
        """Draft, then reviewers, then all the rest in one request: where that is done, so is the
        whole."""
        if change.draft is not None and change.draft != there.draft:
            self._set_draft(there.number, change.draft)
            there = replace(there, draft=change.draft)
        try:
            asked = self._ask(there, change.reviewers)
        except Rejected:  # again it would say the same
            edited = self._edit(there, change)
            if edited.unfinished:
                self.finish(edited)
            raise
        return self._edit(asked, change)

    def _ask(self, there: PullRequest, reviewers: Sequence[str]) -> PullRequest:
        """Whoever has been asked, perhaps by another run just now, isn't asked again."""
        known = {name.casefold() for name in there.reviewers}
        named = [name.removeprefix("@") for name in reviewers]
        asked = [name for name in named if name.casefold() not in known]
        people = [n for n in asked if "/" not in n and n.casefold() != there.author.key]
        teams = [name.rpartition("/")[2] for name in asked if "/" in name]
        if not people and not teams:
            return there
        body = {"reviewers": people, "team_reviewers": teams}
        path = self._address.path("pulls", there.number, "requested_reviewers")
        subject = f"reviewers of pull request {there.number}"
        answer = self._api.send("POST", path, subject, body, repeatable=True)
        return replace(there, reviewers=documents.pull_request(answer).reviewers)

    def _edit(self, there: PullRequest, change: PullRequestChange) -> PullRequest:
        """Every pull request is an issue too, and only an issue takes texts and labels at once."""
        after = replace(
            there,
            title=there.title if change.title is None else change.title,
            body=there.body if change.body is None else change.body,
            labels=there.labels if change.labels is None else change.labels,
        )
        body: dict[str, str | list[str]] = {}
        if after.title != there.title:
            body["title"] = after.title
        if after.body != there.body:
            body["body"] = marked(after.body) if there.unfinished else after.body
        if {*after.labels} != {*there.labels}:
            body["labels"] = [*after.labels]
        if body:
            self._patch(there.number, body)
        return after

    def _patch(self, number: int, body: dict[str, str | list[str]]) -> Fields:
        path = self._address.path("issues", number)
        return self._api.send("PATCH", path, f"pull request {number}", body, repeatable=True)

    def _set_draft(self, number: int, draft: bool) -> None:
        look = self._graph.look(number)
        if look.draft == draft:
            return
        field = "convertPullRequestToDraft" if draft else "markPullRequestReadyForReview"
        self._graph.change(field, f"pull request {number}", {"pullRequestId": look.id})
