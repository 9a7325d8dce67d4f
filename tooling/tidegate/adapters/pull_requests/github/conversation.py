"""Comments and issues at GitHub, and which of them are ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.github import documents
from tidegate.adapters.pull_requests.github.address import Address
from tidegate.adapters.pull_requests.sticky import make_once, marked
from tidegate.domain.pull_request import Comment, Issue, User, ours
from tidegate.errors import NotFound


class Conversation:
    """What is written below one repository's pull requests, and in its issues."""

    def __init__(self, api: Api, address: Address, account: Callable[[], User]) -> None:
        self._api, self._address, self._account = api, address, account

    def comments(self, number: int) -> Sequence[Comment]:
        """Not those on lines of the diff."""
        path = self._address.path("issues", number, "comments")
        return [documents.comment(fields) for fields in self._api.pages(path, _comments(number))]

    def comment(self, number: int, text: str) -> Comment:
        """A new one."""
        path = self._address.path("issues", number, "comments")
        return documents.comment(self._api.send("POST", path, _comments(number), {"body": text}))

    def keep(self, number: int, marker: str, body: str, known: Sequence[Comment] | None) -> Comment:
        """Edited in place, so that nobody is notified again."""
        text, subject = marked(marker, body), _comments(number)
        below = self.comments(number) if known is None else known
        found = ours(below, self._account(), marker) if below else ()
        if not found:
            return make_once(
                lambda: self.comment(number, text),
                lambda: next(iter(ours(self.comments(number), self._account(), marker)), None),
            )
        for other in found[1:]:
            with suppress(NotFound):  # another runner was faster
                self._api.do("DELETE", self._path(other), subject)
        if found[0].body == text:
            return found[0]
        return documents.comment(
            self._api.send("PATCH", self._path(found[0]), subject, {"body": text}, repeatable=True)
        )

    def keep_issue(self, marker: str, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Found among all open ones, for people take labels off."""
        path, text = self._address.path("issues"), marked(marker, body)
        known = self._issue(marker)
        if known is None:
            wanted = {"title": title, "body": text, "labels": [*labels]}
            return make_once(
                lambda: documents.issue(self._api.send("POST", path, "issues", wanted)),
                lambda: self._issue(marker),
            )
        kept = [*dict.fromkeys((*known.labels, *labels))]
        if (known.title, known.body, [*known.labels]) == (title, text, kept):
            return known
        wanted = {"title": title, "body": text, "labels": kept}
        path = f"{path}/{known.number}"
        return documents.issue(self._api.send("PATCH", path, "issues", wanted, repeatable=True))

    def close_issue(self, marker: str, body: str) -> Issue | None:
        """With a last text."""
        known = self._issue(marker)
        if known is None:
            return None
        path = self._address.path("issues", known.number)
        last = {"body": marked(marker, body), "state": "closed"}
        return documents.issue(self._api.send("PATCH", path, "issues", last, repeatable=True))

    def _issue(self, marker: str) -> Issue | None:
        """The oldest of ours, for two runners may have opened two."""
        query = {"state": "open", "sort": "created", "direction": "asc"}
        for fields in self._api.pages(self._address.path("issues"), "issues", query):
            author = documents.user(fields.inner("user"))
            found = documents.issue(fields)
            is_issue = not fields.has("pull_request")
            if is_issue and author.key == self._account().key and found.body.startswith(marker):
                return found
        return None

    def _path(self, comment: Comment) -> str:
        return self._address.path("issues", "comments", comment.id)


def _comments(number: int) -> str:
    return f"comments of pull request {number}"
