"""Notes and issues at GitLab, and which of them are ours."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.gitlab import documents
from tidegate.adapters.pull_requests.gitlab.address import Address
from tidegate.adapters.pull_requests.gitlab.text import harmless
from tidegate.adapters.pull_requests.sticky import make_once, marked
from tidegate.domain.pull_request import Comment, Issue, User, ours
from tidegate.errors import NotFound


class Conversation:
    """What is written below one project's merge requests, and in its issues."""

    def __init__(self, api: Api, address: Address, account: Callable[[], User]) -> None:
        self._api, self._address, self._account = api, address, account

    def comments(self, number: int) -> Sequence[Comment]:
        """Not what GitLab itself notes."""
        query = {"sort": "asc", "order_by": "created_at"}
        notes = self._api.pages(self._path(number), _notes(number), query)
        return [documents.comment(f) for f in notes if not f.flag("system")]

    def comment(self, number: int, text: str) -> Comment:
        """A new one."""
        body = {"body": harmless(text)}
        answer = self._api.send("POST", self._path(number), _notes(number), body)
        return documents.comment(answer)

    def keep(self, number: int, marker: str, body: str, known: Sequence[Comment] | None) -> Comment:
        """Edited in place, so that nobody is notified again."""
        text, subject = marked(marker, body), _notes(number)
        below = self.comments(number) if known is None else known
        found = ours(below, self._account(), marker) if below else ()
        if not found:
            return make_once(
                lambda: self.comment(number, text),
                lambda: next(iter(ours(self.comments(number), self._account(), marker)), None),
            )
        for other in found[1:]:
            with suppress(NotFound):  # another runner was faster
                self._api.do("DELETE", self._path(number, other.id), subject)
        if found[0].body == text:
            return found[0]
        path, edited = self._path(number, found[0].id), {"body": harmless(text)}
        answer = self._api.send("PUT", path, subject, edited, repeatable=True)
        return documents.comment(answer)

    def keep_issue(self, marker: str, title: str, body: str, labels: Sequence[str]) -> Issue:
        """Found among all open ones, for people take labels off."""
        path, text = self._address.path("issues"), marked(marker, body)
        known = self._issue(marker)
        wanted = {"title": title, "description": harmless(text), "labels": ",".join(labels)}
        if known is None:
            return make_once(
                lambda: documents.issue(self._api.send("POST", path, "issues", wanted)),
                lambda: self._issue(marker),
            )
        kept = [*dict.fromkeys((*known.labels, *labels))]
        if (known.title, known.body, [*known.labels]) == (title, text, kept):
            return known
        wanted["labels"] = ",".join(kept)
        path = self._address.path("issues", known.number)
        return documents.issue(self._api.send("PUT", path, "issues", wanted, repeatable=True))

    def close_issue(self, marker: str, body: str) -> Issue | None:
        """With a last text."""
        known = self._issue(marker)
        if known is None:
            return None
        path = self._address.path("issues", known.number)
        last = {"description": harmless(marked(marker, body)), "state_event": "close"}
        return documents.issue(self._api.send("PUT", path, "issues", last, repeatable=True))

    def _issue(self, marker: str) -> Issue | None:
        """The oldest of ours, for two runners may have opened two."""
        query = {"state": "opened", "order_by": "created_at", "sort": "asc"}
        for fields in self._api.pages(self._address.path("issues"), "issues", query):
            found = documents.issue(fields)
            author = documents.user(fields.inner("author"))
            if author.key == self._account().key and found.body.startswith(marker):
                return found
        return None

    def _path(self, number: int, *more: int) -> str:
        return self._address.path("merge_requests", number, "notes", *more)


def _notes(number: int) -> str:
    return f"comments of merge request {number}"
