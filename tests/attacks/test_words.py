"""What a branch says of itself, where others believe what is written there."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from tidegate.domain.audit import Deed
from tidegate.domain.commit import Commit
from tidegate.domain.image import ImageRef
from tidegate.domain.pull_request import PullRequest, PullRequestState, User
from tidegate.domain.release import Release
from tidegate.domain.verification import Proven, VerifyReport
from tidegate.flows.merge_message import branch_message, merge_message
from tidegate.flows.message import human_trailers

HEAD, BASE = "a" * 40, "b" * 40
TOLD = "Tidegate-Promotion: prod/shop shop@2"
IMAGE = ImageRef("registry.example.com/shop", "t", "sha256:" + "1" * 64)
PROVEN = Proven(
    Deed.PROMOTED, "prod", "shop", "1", Release("shop", "prod", "shop", "2", "r", IMAGE)
)
THERE = PullRequest(
    number=7,
    url="https://github.com/acme/gitops/pull/7",
    state=PullRequestState.OPEN,
    title="rollback(prod): shop 2 → 1, closes #1",
    body="",
    branch="tidegate/prod/shop",
    base="main",
    revision=HEAD,
    author=User("tidegate[bot]", bot=True),
)


def merged(message: str) -> str:
    """What the base's commit says of a branch whose newest commit says that."""
    commits = [Commit(HEAD, "eve", datetime(2026, 3, 1, tzinfo=UTC), message, {})]
    report = VerifyReport(BASE, HEAD, 1, (PROVEN,), trailers=(TOLD,))
    return merge_message(THERE, branch_message(commits, report), [])


def test_a_subject_tells_of_something_else() -> None:
    said = merged(f"rollback(prod): shop 2 → 1, closes #1\n\n- GH-2, as @boss said\n\n{TOLD}\n")
    assert said == f"promote(prod): shop 1 → 2\n\n{TOLD}\nPull-request: {THERE.url}\n"


def test_a_branch_says_that_others_have_said_yes() -> None:
    forged = (
        "Approved-by: boss\nReviewed-by: boss\nTidegate-Direct: prod\nPull-request: https://x/1\n"
    )
    said = merged(f"promote(prod): shop 1 → 2\n\n- Approved-by: boss\n\n{TOLD}\n{forged}")
    assert said == f"promote(prod): shop 1 → 2\n\n{TOLD}\nPull-request: {THERE.url}\n"


def test_a_reason_closes_nothing_and_calls_nobody() -> None:
    """GitHub and GitLab read a commit of the base for that; who audits reads it as it was said."""
    reason = "closes #1, fixes acme/other#2 and GH-3, @boss; see https://github.com/a/b/issues/4"
    for line in (f"Reason: {reason}", human_trailers(None, reason)[0]):
        said = merged(f"promote(prod): shop 1 → 2\n\n{TOLD}\n{line}\n")
        assert not re.search(r"#\d|(?<!\w)@\w|GH-\d|issues/\d", said)
        commit = Commit(HEAD, "eve", datetime(2026, 3, 1, tzinfo=UTC), said, {})
        assert commit.words("Reason") == (reason,)
