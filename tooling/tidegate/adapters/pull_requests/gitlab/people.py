"""GitLab's numbers of people."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.adapters.pull_requests.api import Api
from tidegate.adapters.pull_requests.gitlab import documents
from tidegate.errors import InputError, Rejected


class People:
    """Each is asked for once: many merge requests may want the same reviewers."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._numbers: dict[str, int] = {}

    def ids(self, reviewers: Sequence[str]) -> list[int]:
        """The number of each login. Raises InputError for a group, and Rejected for nobody."""
        return [self._id(reviewer.removeprefix("@")) for reviewer in reviewers]

    def _id(self, login: str) -> int:
        if "/" in login:
            raise InputError(
                f"GitLab asks no group for a review: {login!r}",
                hint="name people as reviewers; groups are asked by approval rules there",
            )
        if login.casefold() not in self._numbers:
            subject = f"reviewers of a merge request: {login}"
            self._numbers |= documents.ids(self._api.pages("users", subject, {"username": login}))
            if login.casefold() not in self._numbers:
                raise Rejected(f"{self._api.place} has no user {login!r} for {subject}")
        return self._numbers[login.casefold()]
