"""What the flows need from GitHub or GitLab, as a protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from tidegate.domain.app import MergeMethod
from tidegate.domain.pull_request import (
    Comment,
    Issue,
    Proposal,
    PullRequest,
    PullRequestChange,
    Review,
    Status,
    User,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class PullRequests(Protocol):
    """The pull requests of one repository.

    Every method raises NotFound for what isn't there (or what the token may not see), Forbidden
    for what the token may not do, ConflictError where somebody else was faster, Rejected with the
    provider's words for what it won't take, RateLimited with the moment at which it will, and
    Unreachable where nobody answers in time.

    After RateLimited nothing was done by the call that met it. After Unreachable, a call that
    changes something may have been done, and its answer lost: those that are safe to repeat say
    so, and after any other the caller looks before it tries again.
    """

    @property
    def place(self) -> str:
        """Where they are, for people: provider, address and repository, without credentials."""

    @property
    def credential(self) -> str:
        """What it is asked with, for people: the name of a variable or of an App, never a token."""

    def account(self) -> User:
        """Whom the token speaks for."""

    def missing_permissions(self) -> Sequence[str]:
        """What the token may not do and Tidegate needs, in the provider's words, so far as that
        can be told beforehand."""

    def members(self, team: str) -> frozenset[str]:
        """The keys (`User.key`) of all who belong to `org/team`. Raises Forbidden where the token
        may not know."""

    def find(
        self,
        *,
        branch: str | None = None,
        prefix: str = "",
    ) -> Sequence[PullRequest]:
        """The open ones, newest first, from one branch of this repository, or from all whose names
        begin with `prefix`. A hundred cost one request. Of each without `mergeable`. Branches of
        other repositories are left out, whatever they are called."""

    def origin_of(self, revision: str) -> PullRequest | None:
        """The merged pull request that brought a commit to its base: by a merge commit, a squash
        or a rebase. None for a commit that came without one. Without `mergeable`."""

    def get(self, number: int) -> PullRequest:
        """One of them, with all that is known."""

    def create(self, proposal: Proposal) -> PullRequest:
        """A new one. Raises ConflictError where an open one from that branch is there already, as
        it is when an earlier answer was lost: `find` it. It stays `unfinished` until `finish`, so
        that whoever finds it knows that its opening may have been cut off anywhere."""

    def finish(self, there: PullRequest) -> PullRequest:
        """Ends the opening of one as `create` or `update` told it: it has its labels now, which
        may not have been there before, and is `unfinished` no longer. It tells how many `comments`
        are below it by now. Safe to repeat."""

    def update(self, there: PullRequest, change: PullRequestChange) -> PullRequest:
        """How it is after the change, as far as one can tell who saw it before: only what differs
        is sent. Safe to repeat."""

    def close(self, number: int, comment: str | None = None) -> None:
        """Closes it unmerged, after saying why. Nothing where it isn't open; safe to repeat, though
        the comment may then be there twice."""

    def comments(self, number: int) -> Sequence[Comment]:
        """All comments below it, oldest first."""

    def comments_of(self, numbers: Sequence[int]) -> Mapping[int, Sequence[Comment]]:
        """The same of several, by their numbers, so far as the provider tells it of many at once:
        of what is missing, nothing is known."""

    def keep_comment(
        self, number: int, marker: str, body: str, known: Sequence[Comment] | None = None
    ) -> Comment:
        """The one comment of ours that begins with the marker: made where there is none, else
        edited in place, and not even that where it says so already. Others that begin with it are
        not ours, and are left alone; of several of ours (an answer was lost) only the oldest stays.
        Safe to repeat. The marker is an HTML comment that nobody sees. `known` are all comments
        below it as they were a moment ago; they are looked at where that isn't said."""

    def set_status(self, status: Status) -> None:
        """Says it of the commit, instead of what was said under that context. Safe to repeat."""

    def statuses(self, revision: str) -> Sequence[Status]:
        """What is said last of a commit under each context, check runs among them; the worst,
        where several speak under the same one."""

    def statuses_of(self, context: str, revisions: Sequence[str]) -> Mapping[str, Status]:
        """What was said last under a context of several commits, by commit, so far as the provider
        tells it of many at once: of what is missing, nothing is known."""

    def reviews(self, number: int) -> Sequence[Review]:
        """What each reviewer said last, oldest first; a comment doesn't take back an approval."""

    def merge(self, number: int, revision: str, method: MergeMethod, message: str = "") -> str:
        """Merges now, so long as the head is `revision`: the commit that the base has afterwards.
        `message` is the new commit's, the provider's usual one where it is empty. Raises
        ConflictError where the head has moved, Rejected where the provider's rules aren't met.
        Safe to repeat: where that revision was merged already, that merge's commit."""

    def auto_merge(
        self, number: int, revision: str, method: MergeMethod, message: str = ""
    ) -> None:
        """Has the provider merge, or put into its merge queue, as soon as its own rules are met; at
        once where they are. `message` is the new commit's, as for `merge`; a queue has its own.
        Raises ConflictError where the head isn't `revision`. Safe to repeat."""

    def cancel_auto_merge(self, number: int) -> None:
        """Takes that back; nothing where it wasn't asked for. Safe to repeat."""

    def keep_issue(self, marker: str, title: str, body: str, labels: Sequence[str] = ()) -> Issue:
        """The one open issue of ours that begins with the marker: opened where there is none, else
        brought up to date, labels too. Safe to repeat."""

    def close_issue(self, marker: str, body: str) -> Issue | None:
        """The same issue, closed, after its text says why; None where none is open. Safe to
        repeat."""
