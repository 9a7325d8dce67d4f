"""What `check` and `verify` say on a commit and below its pull request, beside their reports."""

from __future__ import annotations

import math
from typing import Any

import pytest
from tests.support.argocd import on, status
from tests.support.forge import Pull
from tests.support.gitops import Answer
from tests.support.mlflow_server import mlflow_store, mlflow_template  # noqa: F401
from tests.support.reviewed import BRANCH, Reviewed, review  # noqa: F401

COMMENT = "<!-- tidegate:check -->"


@pytest.fixture
def opened(review: Reviewed) -> Pull:  # noqa: F811
    """A pull request, checked out; what `promote` itself said of it is forgotten."""
    review.promote("shop")
    (pull,) = review.pulls()
    review.world.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    review.world.git("checkout", "-q", "--detach", f"origin/{BRANCH}")
    pull.comments.clear()
    return pull


def check(review: Reviewed, pull: Pull, *more: str, base: str = "origin/main") -> Answer:  # noqa: F811
    words = ("check", "--changed-since", base, "--status", pull.revision)
    return review.world.tidegate(*words, "--comment", str(pull.number), *more)


def verify(review: Reviewed) -> Answer:  # noqa: F811
    words = ("verify", "--base", "origin/main", "--head", f"origin/{BRANCH}", "--status")
    return review.world.tidegate(*words, CI_JOB_URL="https://ci.example/job/1")


def states(review: Reviewed, revision: str, context: str) -> list[str]:  # noqa: F811
    """All that was said of a commit under a name, in turn."""
    return [s.state for s in review.forge.statuses[revision] if s.context == context]


def test_a_yes_of_before_does_not_stand_for_what_is_not_known_yet(
    review: Reviewed,  # noqa: F811
    opened: Pull,
) -> None:
    assert verify(review).code == 0

    def lose(handler: Any) -> bool:
        """The runner dies before the end is told."""
        if handler.fake.requests[-1].body["state"] == "pending":
            return False
        return bool(status(502)(handler))

    review.github.faults.append(on("POST", "/statuses/", lose, times=math.inf))
    assert verify(review).code == 0
    said = states(review, opened.revision, "tidegate/verify")
    assert said == ["pending", "success", "pending"]
    review.github.faults.clear()
    assert check(review, opened, "--app", "nobody").code == 2
    assert states(review, opened.revision, "tidegate/check") == ["pending", "error"]


def test_what_it_came_to_is_said_on_the_head(review: Reviewed, opened: Pull) -> None:  # noqa: F811
    assert verify(review).code == 0
    assert states(review, opened.revision, "tidegate/verify") == ["pending", "success"]
    said = review.forge.latest(opened.revision)["tidegate/verify"]
    assert (said.state, said.url) == ("success", "https://ci.example/job/1")
    assert said.description.startswith("Verified: 1 change")
    review.forge.commit(BRANCH, {"policies/waivers/mine.yaml": "oh\n"})
    review.world.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    assert verify(review).code == 1
    head = review.branch_head()
    assert states(review, head, "tidegate/verify") == ["pending", "failure"]
    # Where it can't be said, the exit code is the same.
    review.github.faults.append(on("POST", "/statuses/", status(403), times=math.inf))
    answer = verify(review)
    assert answer.code == 1
    assert answer.err.count("the status tidegate/verify could not be written") == 1
    review.world.environ["GITHUB_TOKEN"] = ""
    answer = verify(review)
    assert (answer.code, "could not be written" in answer.err) == (1, True)


def test_a_check_says_it_on_the_commit_and_in_one_comment(
    review: Reviewed,  # noqa: F811
    opened: Pull,
) -> None:
    answer = check(review, opened)
    found = answer.code == 1
    said = states(review, opened.revision, "tidegate/check")
    assert said == ["pending", "failure" if found else "success"]
    # Now something is wrong, and then it is right again.
    (review.world.clone / "environments/staging/shop/kustomization.yaml").write_text("oh: no\n")
    assert check(review, opened).code == 1
    assert review.forge.latest(opened.revision)["tidegate/check"].state == "failure"
    (comment,) = opened.comments
    assert comment.body.startswith(f"{COMMENT}\n### ❌ The check fails")
    review.world.git("checkout", "-q", "--", ".")
    assert check(review, opened).code == answer.code
    (comment,) = opened.comments
    assert ("The check passes" in comment.body) is not found


def test_a_change_does_not_choose_where_the_token_goes(review: Reviewed, opened: Pull) -> None:  # noqa: F811
    elsewhere = "pullRequests: {provider: github, url: 'http://127.0.0.1:9', repository: e/vil}\n"
    (review.world.clone / "tidegate.yaml").write_text(
        f"apiVersion: tidegate.dev/v1\nkind: Settings\n{elsewhere}"
    )
    answer = check(review, opened, "--shard", "2/2")
    assert "could not be written" not in answer.err
    # One part of several has a name of its own.
    latest = review.forge.latest(opened.revision)
    assert ("tidegate/check 2/2" in latest, "tidegate/check" in latest) == (True, False)
    since = ("--changed-since", "HEAD")
    for words in (
        ("--status", "a" * 40),
        ("--comment", "1"),
        (*since, "--status", "HEAD"),
        (*since, "--comment", "#1"),
    ):
        assert review.world.tidegate("check", *words).code == 2
