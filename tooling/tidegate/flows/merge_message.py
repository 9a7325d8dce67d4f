"""What a pull request's commits say, and what the base's own says once it is merged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.audit import Deed
from tidegate.domain.commit import Commit
from tidegate.domain.pull_request import PullRequest, Review, ReviewState, User
from tidegate.domain.text import one_line, quiet, spoken
from tidegate.domain.verification import Proven, VerifyReport
from tidegate.flows.message import (
    APPROVED_BY,
    PULL_REQUEST,
    REQUESTED_BY,
    compose,
    is_trailer,
    is_word,
)

_MOST = 50  # of those who said yes
_LONGEST = 500
_VERBS = {
    Deed.PROMOTED: "promote",
    Deed.ROLLED_BACK: "rollback",
    Deed.HELD: "hold",
    Deed.LIFTED: "release",
}


def branch_message(commits: Sequence[Commit], verification: VerifyReport) -> str:
    """What a branch, newest commit first, was proven to do, in our own words: whoever could push
    to it could write others. Who asked for it, and why, is what the newest commit says that tells
    of a deed; the newest of all may be a merge of the base, which says nothing."""
    done: dict[str, list[str]] = {}
    for item in verification.proven:
        done.setdefault(f"{_VERBS[item.deed]}({item.environment})", []).append(_step(item))
    texts = [compose(title, steps, ()).rstrip().split("\n") for title, steps in done.items()]
    first, *others = texts
    listed = [*first[2:], *(line for text in others for line in (f"- {text[0]}", *text[2:]))]
    tellers = {_teller(commits, line): None for line in verification.trailers}
    words = {
        quiet(one_line(spoken(line), 2 * _LONGEST)): None
        for message in tellers
        for line in message.split("\n")
        if is_word(line)
    }
    head = [first[0], "", *listed, *([""] if listed else [])]
    return "\n".join([*head, *verification.trailers, *words]) + "\n"


def requesters(commits: Sequence[Commit], trailers: Sequence[str]) -> frozenset[str]:
    """The keys of whoever asked for these deeds, as each commit says that tells of one. What came
    before, by an earlier pull request from the same branch, was asked for by others."""
    telling = [commit for commit in commits if any(_tells(commit, line) for line in trailers)]
    names = [name for commit in telling for name in commit.words(REQUESTED_BY)]
    return frozenset(User(name.removeprefix("@")).key for name in names)


def _teller(commits: Sequence[Commit], trailer: str) -> str:
    return next(commit.message for commit in commits if _tells(commit, trailer))


def _tells(commit: Commit, trailer: str) -> bool:
    return trailer in map(str.rstrip, commit.message.split("\n"))


def _step(item: Proven) -> str:
    if item.release is None:
        return item.app or "the whole environment"
    before = f"{item.before} " if item.before else ""
    return f"{item.app} {before}→ {item.release.version}"


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
