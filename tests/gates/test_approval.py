"""Gate `approval`: owners, people, this commit."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.support.evidence import evidence

from tidegate.domain.app import Delivery
from tidegate.domain.evidence import Approvals
from tidegate.domain.gate import Status
from tidegate.domain.pull_request import Review, ReviewState, User
from tidegate.domain.unavailable import Unavailable
from tidegate.gates.approval import Approval

HEAD, OLD = "a" * 40, "b" * 40
YES, NO, WORDS = ReviewState.APPROVED, ReviewState.CHANGES_REQUESTED, ReviewState.COMMENTED
OWNERS = frozenset({"ann", "bob", "robot"})


def said(*reviews: tuple[str, ReviewState, str | None]) -> Approvals:
    people = [Review(User(login, login == "robot"), state, at) for login, state, at in reviews]
    return Approvals(User("Author"), HEAD, tuple(people), OWNERS | {"author"})


@pytest.mark.parametrize(
    ("reviews", "count", "status", "sentence"),
    [
        ([("Ann", YES, HEAD)], 1, Status.PASSED, "Ann approved this commit"),
        (
            [("ann", YES, HEAD), ("bob", YES, HEAD)],
            2,
            Status.PASSED,
            "ann, bob approved this commit",
        ),
        ([], 1, Status.FAILED, "0 of 1 owner approved this commit"),
        ([("ann", YES, HEAD)], 2, Status.FAILED, "1 of 2 owners approved this commit"),
        ([("ann", YES, HEAD), ("ANN", YES, HEAD)], 2, Status.FAILED, "1 of 2 owners approved"),
        ([("ann", YES, OLD)], 1, Status.FAILED, "this commit; ann approved an earlier one"),
        ([("ann", YES, None)], 1, Status.FAILED, "ann approved an earlier one"),
        ([("author", YES, HEAD)], 1, Status.FAILED, "0 of 1 owner"),
        ([("robot", YES, HEAD)], 1, Status.FAILED, "0 of 1 owner"),
        ([("eve", YES, HEAD)], 1, Status.FAILED, "0 of 1 owner"),
        ([("ann", WORDS, HEAD)], 1, Status.FAILED, "0 of 1 owner"),
        ([("ann", YES, HEAD), ("bob", NO, OLD)], 1, Status.FAILED, "bob asked for changes"),
        ([("ann", YES, HEAD), ("eve", NO, HEAD)], 1, Status.PASSED, "ann approved"),
    ],
)
def test_whose_yes_counts(
    reviews: list[tuple[str, ReviewState, str | None]], count: int, status: Status, sentence: str
) -> None:
    result = Approval("approval", count).judge(replace(evidence(), approvals=said(*reviews)))
    assert (result.status, result.limit) == (status, count)
    assert sentence in result.sentence


def test_nobody_agrees_to_what_they_asked_for() -> None:
    """A workflow's pull requests are opened by a bot, whoever wished for them."""
    found = replace(said(("Ann", YES, HEAD)), requesters=frozenset({"ann"}))
    result = Approval("approval", 1).judge(replace(evidence(), approvals=found))
    assert result.status is Status.FAILED
    assert result.sentence == "0 of 1 owner approved this commit; Ann asked for it"


def test_before_there_is_a_pull_request() -> None:
    gate = Approval.configure("approval", {})
    asked = replace(evidence(), delivery=Delivery.PULL_REQUEST)
    assert gate.judge(asked).status is Status.SKIPPED
    assert gate.judge(evidence()).status is Status.FAILED
    gone = replace(asked, approvals=Unavailable("GitHub doesn't answer"))
    assert gate.judge(gone).status is Status.ERRORED
