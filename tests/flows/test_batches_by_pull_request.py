"""Batches, and rollbacks that are open, while `promote` runs again."""

from __future__ import annotations

from tests.support.mlflow_server import mlflow_store  # noqa: F401
from tests.support.reviewed import BRANCH, Reviewed, review  # noqa: F401

BATCH = "tidegate-batch/staging/weekly"
ENVIRONMENT = "environments/staging/environment.yaml"
WEEKLY = ("--all", "--batch", "weekly")


def allow_direct(review: Reviewed) -> None:  # noqa: F811
    text = review.world.show(ENVIRONMENT).replace("labels:", "direct: true, labels:")
    review.world.push({ENVIRONMENT: text + "\n"})


def directly(review: Reviewed, app: str) -> None:  # noqa: F811
    answer = review.world.tidegate("promote", app, "--to", "staging", "--direct")
    assert answer.code == 0, answer.out + answer.err


def test_what_is_there_by_now_leaves_a_batch_and_then_closes_it(review: Reviewed) -> None:  # noqa: F811
    allow_direct(review)
    review.promote(*WEEKLY)
    directly(review, "shop")
    assert "Tidegate-Direct: staging" in review.world.git(
        "log", "-1", "--format=%B", "main", cwd=review.world.remote
    )
    # Alone, it can't say what the batch should be; it can say that this one is wrong by now.
    (marked,) = review.promote("shop")
    assert (marked["action"], marked["branch"]) == ("marked", BATCH)
    status = review.forge.latest(review.branch_head(BATCH))["tidegate/gates"]
    assert status.description.startswith("Version 1 of shop is in staging already.")
    (updated,) = review.promote(*WEEKLY)
    assert (updated["action"], updated["apps"]) == ("updated", ["search"])
    (pull,) = review.pulls()
    assert pull.title == "promote(staging): search → 1"
    assert {path.split("/")[2] for path in review.changed(BATCH)} == {"search"}
    assert [item["action"] for item in review.promote(*WEEKLY)] == ["unchanged"]
    review.world.git("fetch", "-q", "origin", "+refs/heads/*:refs/remotes/origin/*")
    verify = ("verify", "--base", "origin/main", "--head", f"origin/{BATCH}")
    assert review.world.tidegate(*verify).code == 0
    directly(review, "search")
    (closed,) = review.promote(*WEEKLY)
    assert (closed["action"], review.pulls()) == ("closed", [])
    assert review.promote(*WEEKLY) == []


def test_a_held_environment_marks_a_batch_once(review: Reviewed) -> None:  # noqa: F811
    review.promote(*WEEKLY)
    hold = ("hold", "--all", "--env", "staging", "--direct", "--reason", "an incident")
    assert review.world.tidegate(*hold).code == 0
    for words in (WEEKLY, WEEKLY, ("search",)):
        (marked,) = review.promote(*words, code=1)
        assert (marked["action"], marked["branch"]) == ("marked", BATCH)
        (pull,) = review.pulls()
        assert "held" in pull.labels
    status = review.forge.latest(pull.revision)["tidegate/gates"]
    assert (status.state, "an incident" in status.description) == ("failure", True)
    review.world.push({"environments/staging/hold.yaml": None}, "over")
    assert [item["action"] for item in review.promote(*WEEKLY)] == ["updated"]
    (pull,) = review.pulls()
    assert pull.labels == ["promotion"]
    assert review.forge.latest(pull.revision)["tidegate/gates"].state == "success"


def test_promotions_leave_an_open_rollback_alone(review: Reviewed) -> None:  # noqa: F811
    allow_direct(review)
    directly(review, "shop")
    review.next_version()
    directly(review, "shop")
    back = ("rollback", "shop", "--env", "staging", "--reason", "slow")
    assert review.world.tidegate(*back).code == 0
    head = review.branch_head()
    assert review.promote("shop") == []  # it is there already, and that closes no rollback
    review.next_version(auc=0.97)
    (failed,) = review.promote("shop", code=4)
    assert "takes shop back already" in failed["error"]["message"]
    (failed,) = review.promote("shop", "search", "--batch", "weekly", code=4)
    assert "takes shop back already" in failed["error"]["message"]
    (pull,) = review.pulls()
    assert (pull.branch, pull.revision, pull.title) == (
        BRANCH,
        head,
        "rollback(staging): shop 2 → 1",
    )
