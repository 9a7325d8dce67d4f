"""`verify` of the pull requests that `promote` opens and brings up to date."""

from __future__ import annotations

from typing import Any

from tests.support.mlflow_server import mlflow_store, mlflow_template  # noqa: F401
from tests.support.reviewed import BRANCH, Reviewed, review  # noqa: F401


def verify(review: Reviewed, code: int = 0) -> dict[str, Any]:  # noqa: F811
    """What it says of the branch, in a clone that has just fetched."""
    review.world.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    words = ("verify", "--base", "origin/main", "--head", f"origin/{BRANCH}", "--format", "json")
    answer = review.world.tidegate(*words)
    assert answer.code == code, answer.out + answer.err
    found: dict[str, Any] = answer.json
    return found


def test_a_pull_request_is_verified_from_the_first_candidate_to_the_merge(
    review: Reviewed,  # noqa: F811
) -> None:
    review.promote("shop")
    assert [item["release"]["version"] for item in verify(review)["proven"]] == ["1"]
    # The base moves on, and a newer candidate comes on top of the older one.
    review.next_version()
    review.promote("shop")
    report = verify(review)
    assert [item["release"]["version"] for item in report["proven"]] == ["2"]
    assert report["commits"] == 2
    # Somebody pushes to the branch, and the next run takes it back.
    review.forge.commit(BRANCH, {"policies/waivers/mine.yaml": "oh\n"})
    assert verify(review, code=1)["objections"][0]["file"] == "policies/waivers/mine.yaml"
    review.promote("shop")
    assert verify(review)["outcome"] == "verified"
    # Held on the base meanwhile: the verdict of then counts for nothing.
    hold = ("hold", "shop", "--env", "staging", "--direct", "--reason", "stop")
    assert review.world.tidegate(*hold).code == 0
    assert "shop is held" in verify(review, code=1)["objections"][0]["message"]


def test_a_batch_is_verified_as_one_change(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop", "search", "--batch", "weekly")
    review.world.git("fetch", "-q", "origin", "tidegate-batch/staging/weekly")
    words = ("verify", "--base", "origin/main", "--head", "FETCH_HEAD", "--format", "json")
    answer = review.world.tidegate(*words)
    assert answer.code == 0, answer.out
    assert [item["app"] for item in answer.json["proven"]] == ["search", "shop"]
