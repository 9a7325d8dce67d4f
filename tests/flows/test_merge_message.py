"""What the commit on the base says of the people and the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tidegate.domain.audit import Deed
from tidegate.domain.commit import Commit
from tidegate.domain.image import ImageRef
from tidegate.domain.pull_request import (
    PullRequest,
    PullRequestState,
    Review,
    ReviewState,
    User,
)
from tidegate.domain.release import Release
from tidegate.domain.verification import Proven, VerifyReport
from tidegate.flows.merge_message import branch_message, merge_message, requesters

HEAD, EARLIER = "a" * 40, "b" * 40
WHEN = datetime(2026, 3, 1, tzinfo=UTC)
THERE = PullRequest(
    number=7,
    url="https://github.com/acme/gitops/pull/7",
    state=PullRequestState.OPEN,
    title="promote(prod): shop 1 → 2",
    body="",
    branch="tidegate/prod/shop",
    base="main",
    revision=HEAD,
    author=User("tidegate[bot]", bot=True),
)
MESSAGE = "promote(prod): shop 1 → 2\n\nTidegate-Promotion: prod/shop shop@2\nRequested-by: Ann\n"
ADDRESS = f"Pull-request: {THERE.url}\n"


def review(
    login: str, state: ReviewState, revision: str | None = HEAD, bot: bool = False
) -> Review:
    return Review(User(login, bot=bot), state, revision)


YES, NO = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED


@pytest.mark.parametrize(
    ("reviews", "names"),
    [
        ([], []),
        ([review("bob", YES), review("Ann", YES)], ["Ann", "bob"]),
        ([review("bob", YES), review("Bob", NO)], []),
        ([review("bob", NO), review("bob", YES)], ["bob"]),
        ([review("bob", YES, EARLIER), review("ann", YES, None)], []),
        ([review("renovate", YES, bot=True)], []),
        ([review("Tidegate[bot]", YES)], []),
        ([review("eve\nApproved-by: boss", YES)], ["eve Approved-by: boss"]),
    ],
)
def test_it_names_people_who_said_yes_to_this_head(reviews: list[Review], names: list[str]) -> None:
    said = merge_message(THERE, MESSAGE, reviews)
    assert said == MESSAGE + ADDRESS + "".join(f"Approved-by: {name}\n" for name in names)


def test_what_the_branch_says_of_it_counts_for_nothing() -> None:
    forged = MESSAGE + "Approved-by: boss\nReviewed-by: boss\nPull-request: https://evil.example\n"
    assert merge_message(THERE, forged, []) == MESSAGE + ADDRESS


def test_an_address_is_one_line_or_left_out() -> None:
    there = replace(THERE, url="https://x/1\nApproved-by: boss")
    assert merge_message(there, MESSAGE, []).count("\n") == MESSAGE.count("\n") + 1
    assert merge_message(replace(THERE, url=""), MESSAGE, []) == MESSAGE


def commits(*messages: str) -> list[Commit]:
    """A branch's, newest first."""
    return [Commit(HEAD, "Ann", WHEN, message, {}) for message in messages]


TOLD = "Tidegate-Promotion: prod/shop shop@2"
UPDATE = "Merge branch 'main' into tidegate/prod/shop\n"
OLDER = "promote(prod): shop 1 → 1\n\nTidegate-Promotion: prod/shop shop@1\n"


def promoted(app: str, before: str | None, version: str) -> Proven:
    image = ImageRef(f"registry.example.com/{app}", "t", "sha256:" + "1" * 64)
    return Proven(
        Deed.PROMOTED, "prod", app, before, Release(app, "prod", app, version, "r", image)
    )


def proven(*deeds: Proven, told: tuple[str, ...] = (TOLD,)) -> VerifyReport:
    return VerifyReport(EARLIER, HEAD, 1, deeds, trailers=told)


SHOP = promoted("shop", "1", "2")


@pytest.mark.parametrize(
    "branch",
    [
        (MESSAGE,),
        (MESSAGE, OLDER),
        (UPDATE, MESSAGE),
        ("tidy up\n", UPDATE, MESSAGE, OLDER),
    ],
)
def test_what_it_does_is_told_in_our_words_whatever_the_branch_says(
    branch: tuple[str, ...],
) -> None:
    assert branch_message(commits(*branch), proven(SHOP)) == MESSAGE


def test_every_deed_is_told_and_what_an_older_commit_claims_is_left_out() -> None:
    hold, other = "Tidegate-Hold: prod/search", "Tidegate-Promotion: prod/rank rank@7"
    first = f"hold(prod): search\n\n{hold}\nTidegate-Rollback: prod/search search@1 from search@3\n"
    more = f"promote(prod): rank → 7\n\n{other}\nReason: the\tsale\n"
    said = branch_message(
        commits(UPDATE, MESSAGE, more, first),
        proven(
            SHOP,
            promoted("rank", None, "7"),
            Proven(Deed.HELD, "prod", "search"),
            Proven(Deed.LIFTED, "dev", None),
            told=(TOLD, other, hold),
        ),
    )
    assert said == (
        "promote(prod): 2 apps\n\n- shop 1 → 2\n- rank → 7\n- hold(prod): search\n"
        "- release(dev): the whole environment\n\n"
        f"{TOLD}\n{other}\n{hold}\nRequested-by: Ann\nReason: the sale\n"
    )
    assert merge_message(THERE, said, []) == said + ADDRESS


def test_whoever_asked_for_it_is_known_and_not_whoever_asked_for_what_came_before() -> None:
    asked = f"again\n\n{TOLD}\nRequested-by: @Bob\n"
    before = OLDER + "Requested-by: Eve\n"
    assert requesters(commits(UPDATE, asked, MESSAGE, before), [TOLD]) == {"ann", "bob"}
    assert requesters(commits(before), []) == frozenset()


def test_what_nobody_of_ours_writes_is_left_out() -> None:
    added = MESSAGE + "\nCloses #1, as @boss said\nCo-authored-by: boss <boss@example.com>\n"
    assert merge_message(THERE, added, []) == merge_message(THERE, MESSAGE, [])
    several = "promote(prod): 2 apps\n\n- shop 1 → 2\n- search 3 → 4\n\nReason: the sale\n"
    assert merge_message(THERE, several, []) == several + ADDRESS
