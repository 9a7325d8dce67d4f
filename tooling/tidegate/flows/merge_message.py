"""What a pull request's commits say, and what the base's own says once it is merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.commit import Commit
from tidegate.domain.pull_request import PullRequest, Review, ReviewState, User
from tidegate.domain.text import one_line
from tidegate.flows.message import APPROVED_BY, PULL_REQUEST, REQUESTED_BY, is_claim, is_trailer

_MOST = 50  # of those who said yes
_LONGEST = 500


def branch_message(commits: Sequence[Commit], trailers: Sequence[str]) -> str:
    """What a branch, newest commit first, says of the deeds that these lines tell of, each in the
    words of the newest commit that does. The newest of all may be a merge of the base, which says
    nothing; what an older candidate claims is left out."""
    tellers = {_teller(commits, line): None for line in trailers}
    return "\n".join(_without_others(message, trailers) for message in tellers)


def requesters(commits: Sequence[Commit], trailers: Sequence[str]) -> frozenset[str]:
    """The keys of whoever asked for these deeds, as each commit says that tells of one. What came
    before, by an earlier pull request from the same branch, was asked for by others."""
    telling = [commit for commit in commits if any(_tells(commit, line) for line in trailers)]
    names = [name for commit in telling for name in commit.said(REQUESTED_BY)]
    return frozenset(User(name.removeprefix("@")).key for name in names)


def _teller(commits: Sequence[Commit], trailer: str) -> str:
    return next(commit.message for commit in commits if _tells(commit, trailer))


def _tells(commit: Commit, trailer: str) -> bool:
    return trailer in map(str.rstrip, commit.message.split("\n"))


def _without_others(message: str, trailers: Sequence[str]) -> str:
    lines = message.split("\n")
    kept = [line for line in lines if not is_claim(line) or line.rstrip() in trailers]
    return "\n".join(kept)


def merge_message(there: PullRequest, message: str, reviews: Sequence[Review]) -> str:
    """The branch's message, with its trailers, and below them where it was looked at and who said
    yes to this very head. What else the branch says is left out: whoever could push to it could
    write it, that others have said yes, or that an issue is closed."""
    subject, *lines = message.rstrip().split("\n")
    listed = [line for line in lines if line.startswith("- ")]
    kept = [subject, "", *listed, *([""] if listed else []), *filter(is_trailer, lines)]
    said = [f"{PULL_REQUEST}: {one_line(there.url, _LONGEST)}"] if there.url else []
    said += [f"{APPROVED_BY}: {name}" for name in _approvers(there, reviews)]
    return "\n".join([*kept, *said]) + "\n"


def _approvers(there: PullRequest, reviews: Sequence[Review]) -> Iterator[str]:
    """People whose last word is a yes, other than the author."""
    latest = {review.author.key: review for review in reviews}
    found = [
        one_line(review.author.login, 100)
        for review in latest.values()
        if review.state is ReviewState.APPROVED and review.revision == there.revision
        if not review.author.bot and review.author.key != there.author.key
    ]
    yield from sorted(found)[:_MOST]
