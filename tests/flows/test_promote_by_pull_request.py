"""`promote` where it goes by pull request: opened once, kept up to date, and never twice."""

from __future__ import annotations

import json
import math

import pytest
import yaml
from tests.support.argocd import Fault, drop, on, status
from tests.support.mlflow_server import client, mlflow_store  # noqa: F401
from tests.support.reviewed import BRANCH, Reviewed, review  # noqa: F401

RELEASE = "environments/staging/shop/release.yaml"


def test_a_promotion_is_one_commit_on_a_branch_and_a_pull_request(review: Reviewed) -> None:  # noqa: F811
    head = review.world.head()
    (made,) = review.promote("shop")
    assert (made["action"], made["branch"]) == ("opened", BRANCH)
    assert review.world.head() == head
    (pull,) = review.pulls()
    assert (pull.title, pull.base) == ("promote(staging): shop → 1", "main")
    assert (pull.labels, pull.reviewers) == (["promotion"], ["ann"])
    assert review.changed() == [
        f"environments/staging/shop/{n}.yaml" for n in ("kustomization", "release")
    ]
    assert review.forge.git("rev-list", "--parents", "-1", pull.revision).split()[1:] == [head]
    assert review.forge.latest(pull.revision)["tidegate/gates"].state == "success"


def test_the_same_command_again_changes_nothing(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    (pull,), head, asked = review.pulls(), review.branch_head(), len(review.github.requests)
    (made,) = review.promote("shop")
    assert made["action"] == "unchanged"
    assert made["pullRequest"]["number"] == pull.number
    assert review.branch_head() == head
    assert review.github.written(asked) == []


def test_a_newer_version_supersedes_the_older_on_the_same_branch(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    old = review.branch_head()
    review.next_version()
    (made,) = review.promote("shop")
    assert made["action"] == "updated"
    (pull,) = review.pulls()
    assert pull.title == "promote(staging): shop → 2"
    assert review.forge.git("merge-base", "--is-ancestor", old, pull.revision) == ""  # no force
    release = yaml.safe_load(review.forge.git("show", f"{BRANCH}:{RELEASE}"))
    assert release["model"]["version"] == "2"
    assert len(review.changed()) == 2
    assert review.forge.latest(pull.revision)["tidegate/gates"].state == "success"


def test_what_somebody_else_pushed_to_the_branch_is_taken_out(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    tampered = review.forge.commit(BRANCH, {"policies/waivers/mine.yaml": "oh\n"})
    (made,) = review.promote("shop")
    assert made["action"] == "updated"
    assert len(review.changed()) == 2
    assert review.forge.git("rev-list", "--parents", "-1", BRANCH).split()[2] == tampered


def test_what_is_there_already_closes_it(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    branch = review.branch_head()
    review.forge.git("update-ref", "refs/heads/main", branch)  # somebody merged it by hand
    (made,) = review.promote("shop")
    assert made["action"] == "closed"
    (pull,) = review.pulls("closed")
    progress, closing = (comment.body for comment in pull.comments)
    assert closing == "Version 1 is in staging already."
    assert "| closed |" in progress


def test_several_apps_get_one_each_or_one_batch(review: Reviewed) -> None:  # noqa: F811
    made = review.promote("shop", "search")
    assert [item["branch"] for item in made] == [BRANCH, "tidegate/staging/search"]
    (failed,) = review.promote("--all", "--batch", "weekly", code=4)
    assert failed["action"] == "failed"
    assert "in pull request" in failed["error"]["message"]
    for pull in review.pulls():
        pull.state = "closed"
    (batch,) = review.promote("--all", "--batch", "weekly")
    assert (batch["branch"], batch["action"]) == ("tidegate-batch/staging/weekly", "opened")
    (single,) = review.promote("shop", code=4)
    assert "tidegate-batch/staging/weekly" in single["error"]["message"]


def test_a_held_environment_marks_it_and_a_release_takes_that_back(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    hold = ("shop", "--env", "staging", "--direct", "--reason", "an incident")
    assert review.world.tidegate("hold", *hold).code == 0
    (made,) = review.promote("shop", code=1)
    assert made["action"] == "marked"
    (pull,) = review.pulls()
    assert "held" in pull.labels
    status = review.forge.latest(pull.revision)["tidegate/gates"]
    assert (status.state, "incident" in status.description) == ("failure", True)
    review.world.push({"environments/staging/shop/hold.yaml": None}, "over")
    assert [item["action"] for item in review.promote("shop")] == ["updated"]
    (pull,) = review.pulls()
    assert pull.labels == ["promotion"]
    assert review.forge.latest(pull.revision)["tidegate/gates"].state == "success"


def test_what_a_gate_refused_once_may_pass_again(review: Reviewed) -> None:  # noqa: F811
    """The same candidate on the same evidence: nothing of it is new but the verdict."""
    review.promote("shop")
    mlflow = client(review.world.store.uri)
    run = mlflow.get_model_version("shop", "1").run_id
    usual = mlflow.get_run(run).data.metrics["auc"]
    for step, (auc, code) in enumerate(((math.nan, 1), (usual, 0)), 1):
        mlflow.log_metric(run, "auc", auc, step=step)
        (made,) = review.promote("shop", code=code)
        (pull,) = review.pulls()
        status = review.forge.latest(pull.revision)["tidegate/gates"]
        wanted = [("updated", "success"), ("marked", "failure")][code]
        assert (made["action"], status.state) == wanted
        assert pull.labels == ["promotion", *["blocked"] * code]


def test_a_dry_run_shows_all_of_it_and_writes_nothing(review: Reviewed) -> None:  # noqa: F811
    (made,) = review.promote("shop", "--dry-run")
    assert made["action"] == "planned"
    assert made["title"] == "promote(staging): shop → 1"
    assert "### Verdict: passes every gate" in made["body"]
    assert made["plan"]["diff"].startswith("diff --git a/environments/staging/shop/")
    assert review.pulls() == []
    assert review.branch_head() == ""
    assert review.github.written() == []


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("/pulls$", status(502, b"<html>bad gateway</html>", "text/html")),
        ("/pulls$", drop),
        ("/statuses/", status(500, b"{}", "application/json")),
        ("/requested_reviewers$", status(500, b"{}", "application/json")),
        ("/comments$", status(500, b"{}", "application/json")),
    ],
    ids=["refused", "answer-lost", "no-status", "no-reviewers", "no-comment"],
)
def test_the_next_run_finishes_what_one_left_undone(
    review: Reviewed,  # noqa: F811
    path: str,
    fault: Fault,
) -> None:
    review.github.faults.append(on("POST", path, fault, times=math.inf))
    answer = review.world.tidegate("promote", "shop", "--to", "staging", "--format", "json")
    assert answer.code in (0, 3)
    review.github.faults.clear()
    review.promote("shop")
    (pull,) = review.pulls()
    assert pull.revision == review.branch_head()
    assert review.forge.latest(pull.revision)["tidegate/gates"].state == "success"
    assert (pull.reviewers, pull.labels) == (["ann"], ["promotion"])
    assert len(pull.comments) == 1
    # Whom somebody takes off the list then isn't asked again.
    pull.reviewers.clear()
    assert [item["action"] for item in review.promote("shop")] == ["unchanged"]
    assert pull.reviewers == []


def test_a_base_that_was_rewritten_is_no_obstacle(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    tree = review.forge.git("rev-parse", "main^{tree}")
    review.forge.git(
        "update-ref", "refs/heads/main", review.forge.git("commit-tree", tree, "-m", "new")
    )
    review.world.git("fetch", "-q", "origin", "+main:refs/remotes/origin/main")
    assert [item["action"] for item in review.promote("shop")] == ["updated"]
    assert len(review.pulls()) == 1
    assert len(review.changed()) == 2


def test_direct_needs_the_environments_leave(review: Reviewed) -> None:  # noqa: F811
    answer = review.world.tidegate("promote", "shop", "--to", "staging", "--direct")
    assert answer.code == 2
    assert "delivered by pull request" in answer.err
    answer = review.world.tidegate("promote", "shop", "--to", "dev", "--batch", "weekly")
    assert answer.code == 2


def test_of_two_runners_at_once_one_opens_it_and_the_other_brings_it_up_to_date(
    review: Reviewed,  # noqa: F811
) -> None:
    def another_was_faster(_: object) -> bool:
        values = {"title": "t", "body": "b", "branch": BRANCH, "base": "main", "draft": False}
        review.forge.open("tidegate[bot]", values)
        return False

    review.github.faults.append(on("POST", "/pulls$", another_was_faster))
    (made,) = review.promote("shop")
    assert made["action"] == "updated"
    (pull,) = review.pulls()
    assert pull.title == "promote(staging): shop → 1"


def test_a_token_that_lost_its_rights_is_told_and_nothing_is_doubled(review: Reviewed) -> None:  # noqa: F811
    answer = {"message": "Resource not accessible by integration"}
    refused = status(403, json.dumps(answer).encode(), "application/json")
    review.github.faults.append(on("POST", "/pulls$", refused))
    (made,) = review.promote("shop", code=3)
    assert "not accessible" in made["error"]["message"]
    assert [item["action"] for item in review.promote("shop")] == ["opened"]
    assert len(review.pulls()) == 1


def test_a_branch_that_somebody_deleted_is_made_again(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    review.forge.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    assert [item["action"] for item in review.promote("shop")] == ["opened"]
    assert len(review.pulls()) == 1
