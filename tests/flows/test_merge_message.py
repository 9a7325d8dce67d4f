"""What the commit on the base says of the people and the place."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from tidegate.domain.pull_request import (
    PullRequest,
    PullRequestState,
    Review,
    ReviewState,
    User,
)
from tidegate.flows.merge_message import merge_message

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
    return Review(User(login, bot=bot), state, revision, WHEN)


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
