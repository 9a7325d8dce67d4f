"""A pull request as it was seen at one moment, and what is asked of the provider about it. GitLab
calls it a merge request; the words here are the same for both.

Whatever people wrote (titles, bodies, descriptions, logins) is untrusted, and kept as it came.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PullRequestState(StrEnum):
    """Where a pull request is on its way; `closed` was never merged."""

    OPEN = "open"
    MERGED = "merged"
    CLOSED = "closed"


class ReviewState(StrEnum):
    """What a review says."""

    APPROVED = "approved"
    CHANGES_REQUESTED = "changes requested"
    COMMENTED = "commented"
    DISMISSED = "dismissed"


class StatusState(StrEnum):
    """What a commit status or a check run says; `error` could not find out, `skipped` did not
    look."""

    SUCCESS = "success"
    PENDING = "pending"
    FAILURE = "failure"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class User:
    """An account at the provider; `bot` where no person is behind it."""

    login: str
    bot: bool = False

    @property
    def key(self) -> str:
        """The login as providers compare it: without regard to case."""
        return self.login.casefold()


@dataclass(frozen=True, slots=True)
class PullRequest:
    """`branch` is what is to be merged, at `revision`; `base` what it goes into. `merge_revision`
    is the commit that the merge left on the base. `foreign` says that the branch lies in another
    repository. `unfinished` says that its opening isn't over: its reviewers may not have been
    asked, nor may people have been told. `comments` are how many are below it, as far as anybody
    said.
    `mergeable` is False where the two are in conflict, None where the provider doesn't know (yet).
    `reviewers` were asked and haven't answered; a team is written `org/team`."""

    number: int
    url: str
    state: PullRequestState
    title: str
    body: str
    branch: str
    base: str
    revision: str
    author: User
    draft: bool = False
    foreign: bool = False
    unfinished: bool = False
    comments: int = 0
    merge_revision: str | None = None
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    mergeable: bool | None = None
    auto_merge: bool = False
    created: datetime | None = None
    merged: datetime | None = None


@dataclass(frozen=True, slots=True)
class Proposal:
    """A pull request to be. A reviewer is a login, or `org/team`."""

    branch: str
    base: str
    title: str
    body: str
    labels: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    draft: bool = False


@dataclass(frozen=True, slots=True)
class PullRequestChange:
    """What to change of a pull request; None leaves it as it is. `labels` are all that it has
    afterwards. `reviewers` are asked in addition to others: who has answered is asked again."""

    title: str | None = None
    body: str | None = None
    labels: tuple[str, ...] | None = None
    reviewers: tuple[str, ...] = ()
    draft: bool | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What one person said last of one pull request. `revision` is the head that they saw, None
    where that can't be told: then it counts for no head."""

    author: User
    state: ReviewState
    revision: str | None


@dataclass(frozen=True, slots=True)
class Status:
    """What is said of a commit under one `context`; of a check run, its name."""

    revision: str
    context: str
    state: StatusState
    description: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment below a pull request; `id` is the provider's."""

    id: int
    author: User
    body: str


@dataclass(frozen=True, slots=True)
class Issue:
    """An issue of the repository."""

    number: int
    url: str
    title: str
    body: str
    labels: tuple[str, ...] = ()


def ours(comments: Iterable[Comment], account: User, marker: str) -> tuple[Comment, ...]:
    """Those that we wrote and that begin with the marker, oldest first. Anybody can write the
    marker; nobody can write as us."""
    found = [c for c in comments if c.author.key == account.key and c.body.startswith(marker)]
    return tuple(sorted(found, key=lambda comment: comment.id))
