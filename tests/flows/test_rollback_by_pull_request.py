"""`rollback` where prod is delivered by pull request: opened once, merged without gates, and
never a matter of the provider alone."""

from __future__ import annotations

import math

import pytest
from tests.bad_days.endings import end
from tests.support.argocd import Fault, drop, on, status
from tests.support.http_fake import answer_lost
from tests.support.reviewed_past import ENVIRONMENT, ReviewedPast, each, github  # noqa: F401

BACK = ("rollback", "shop", "--env", "prod", "--reason", "answers are slow")
BRANCH = "tidegate/prod/shop"
FILES = ["blocks.yaml", "hold.yaml", "kustomization.yaml", "release.yaml"]


def test_it_is_one_pull_request_that_merges_without_any_gate(each: ReviewedPast) -> None:  # noqa: F811
    head = each.past.head()
    made = each.run(*BACK)
    assert (made["outcome"], made["commit"], each.past.head()) == ("proposed", None, head)
    (offered,) = made["pullRequests"]
    assert (offered["action"], offered["branch"]) == ("opened", BRANCH)
    (pull,) = each.pulls()
    assert (pull.title, pull.base, pull.labels) == ("rollback(prod): shop 2 → 1", "main", ["prod"])
    assert each.changed(BRANCH) == FILES
    assert "no gate is asked" in pull.body
    assert "> answers are slow" in pull.body
    (comment,) = pull.comments
    assert "check passed" in comment.body
    assert each.forge.latest(pull.revision)["tidegate/gates"].state == "success"
    # The same again, later: nothing is pushed, and nothing is asked that changes anything.
    asked = len(each.server.requests)
    (again,) = each.run(*BACK)["pullRequests"]
    assert (again["action"], each.server.written(asked)) == ("unchanged", [])
    assert each.forge.head(BRANCH) == pull.revision
    merged = each.merge(pull)
    assert merged["outcome"] == "merged"
    assert each.past.runs("shop")[0] == "1"
    # It is there already: nothing is left to be done.
    assert each.run(*BACK)["outcome"] == "already"
    (entry,) = [
        e for e in each.run("audit", "--env", "prod", "--app", "shop")["entries"]
        if e["deed"] == "rolled_back"
    ]  # fmt: skip
    assert (entry["proven"], entry["direct"], entry["reason"]) == (True, False, "answers are slow")


def test_whoever_may_not_see_checks_may_merge_it(github: ReviewedPast) -> None:  # noqa: F811
    github.run(*BACK)
    (pull,) = github.pulls()
    hidden = status(403, b"{}", "application/json")
    github.server.faults.append(on("GET", "/check-runs$", hidden, times=math.inf))
    assert github.merge(pull)["outcome"] == "merged"


def test_direct_commits_at_once_and_the_record_says_so(github: ReviewedPast) -> None:  # noqa: F811
    github.server.faults.append(on("GET", "", status(503, b"down", "text/plain"), times=math.inf))
    refused = github.run(*BACK, code=3)
    assert "--direct commits without a pull request" in refused["error"]["hint"]
    assert github.forge.head(BRANCH) is None  # nothing is left half done
    github.server.faults.clear()
    made = github.run(*BACK, "--direct")
    assert (made["outcome"], made["pullRequests"]) == ("done", [])
    assert github.server.written() == []
    message = github.past.git("log", "-1", "--format=%B", "main", cwd=github.past.remote)
    assert "\nTidegate-Direct: prod\n" in message
    entries = github.run("audit", "--env", "prod", "--app", "shop")["entries"]
    assert [entry["deed"] for entry in entries if entry["direct"]] == ["rolled_back"]
    assert github.run("history", "shop", "--env", "prod")["changes"][0]["direct"] is True
    assert "directly, without a pull request" in github.say("audit", "--format", "markdown").out
    # Where commits are usual, there is nothing to be said.
    github.past.ship("shop", "1", "dev")
    github.past.ship("shop", "2", "dev")
    dev = ("rollback", "shop", "--env", "dev", "--reason", "slow", "--direct")
    assert "Tidegate-Direct" not in github.run(*dev)["plan"]["message"]


def test_it_takes_the_place_of_a_promotion(github: ReviewedPast) -> None:  # noqa: F811
    pull = github.promotion(BRANCH, "3", "shop")
    pull.draft = True
    other = github.promotion("tidegate-batch/prod/weekly", "3", "shop", "search")
    made = github.run(*BACK)["pullRequests"]
    assert [(item["action"], item["pullRequest"]["number"]) for item in made] == [
        ("updated", pull.number),
        ("marked", other.number),
    ]
    assert made[0]["note"] == "in the place of: promote(prod)"
    assert (github.changed(BRANCH), pull.draft) == (FILES, False)
    assert pull.title == "rollback(prod): shop 2 → 1"
    status = github.forge.latest(github.forge.head("tidegate-batch/prod/weekly") or "")
    assert f"pull request {pull.number} takes shop back" in status["tidegate/gates"].description
    assert github.merge(pull)["outcome"] == "merged"


def test_several_go_back_together_or_not_at_all(github: ReviewedPast) -> None:  # noqa: F811
    pull = github.promotion(BRANCH, "3", "shop")
    both = ("rollback", "shop", "search", "--env", "prod", "--reason", "both are slow")
    made = github.run(*both)["pullRequests"]
    assert [item["action"] for item in made] == ["opened", "closed"]
    assert made[0]["branch"] == "tidegate-rollback/prod/search+shop"
    assert made[1]["pullRequest"]["number"] == pull.number
    # In whatever order they are named.
    again = github.run("rollback", "search", *both[1:2], *both[3:])["pullRequests"]
    assert [(item["action"], item["branch"]) for item in again] == [
        ("unchanged", made[0]["branch"])
    ]
    single = github.run(*BACK, code=4)
    assert "takes shop back already" in single["error"]["message"]
    # One of them goes back at once, in an emergency: what is left is the other.
    github.run("rollback", "shop", *both[3:], "--direct")
    assert github.run(*both)["pullRequests"][0]["action"] == "updated"
    (left,) = github.pulls()
    assert github.merge(left)["outcome"] == "merged"
    assert github.past.runs("search")[0] == "1"


def test_what_runs_already_closes_it(github: ReviewedPast) -> None:  # noqa: F811
    github.run(*BACK)
    github.run(*BACK, "--direct")
    made = github.run(*BACK)
    assert [item["action"] for item in made["pullRequests"]] == ["closed"]
    assert github.pulls() == []


@pytest.mark.parametrize(
    ("path", "fault"),
    [
        ("(pulls|merge_requests)$", status(502, b"<html>bad gateway</html>", "text/html")),
        ("(pulls|merge_requests)$", drop),
        ("(pulls|merge_requests)$", answer_lost),
        ("/requested_reviewers$", status(403, b"{}", "application/json")),
        ("/statuses/", status(500, b"{}", "application/json")),
    ],
    ids=["refused", "broken", "answer-lost", "no-reviewers", "no-status"],
)
def test_the_next_run_finishes_what_one_left_undone(
    each: ReviewedPast,  # noqa: F811
    path: str,
    fault: Fault,
) -> None:
    each.server.faults.append(on("POST", path, fault, times=math.inf))
    assert each.past.tidegate(*BACK).code in (0, 3)
    each.server.faults.clear()
    each.run(*BACK)
    (pull,) = each.pulls()
    assert pull.revision == each.forge.head(BRANCH)
    assert each.forge.latest(pull.revision)["tidegate/gates"].state == "success"
    assert (pull.labels, pull.reviewers) == (["prod"], ["ann"])


def test_a_second_runner_a_lost_branch_and_a_base_that_moved(github: ReviewedPast) -> None:  # noqa: F811
    def another_was_faster(_: object) -> bool:
        values = {"title": "t", "body": "b", "branch": BRANCH, "base": "main", "draft": False}
        github.forge.open("tidegate[bot]", values)
        return False

    github.server.faults.append(on("POST", "/pulls$", another_was_faster))
    assert [item["action"] for item in github.run(*BACK)["pullRequests"]] == ["updated"]
    github.forge.git("update-ref", "-d", f"refs/heads/{BRANCH}")
    assert [item["action"] for item in github.run(*BACK)["pullRequests"]] == ["opened"]
    github.past.ship("shop", "3")  # somebody else, meanwhile
    github.run(*BACK)
    (pull,) = github.pulls()
    assert pull.title == "rollback(prod): shop 3 → 2"
    github.run(*BACK, "--to", "1")
    assert github.merge(pull)["outcome"] == "merged"
    assert github.past.runs("shop")[0] == "1"


def test_waiting_is_refused_before_anything_is_opened(github: ReviewedPast) -> None:  # noqa: F811
    answer = github.say(*BACK, "--wait")
    assert answer.code == 2
    assert "tidegate wait" in answer.err
    assert "--direct" in answer.err
    assert github.server.written() == []


def test_a_dry_run_shows_it_and_a_broken_environment_stops_nobody(github: ReviewedPast) -> None:  # noqa: F811
    made = github.run(*BACK, "--dry-run")
    (offered,) = made["pullRequests"]
    assert (made["outcome"], offered["action"]) == ("planned", "planned")
    assert "### Forward again" in offered["body"]
    assert "would open" in github.say(*BACK, "--dry-run").out
    assert github.server.written() == []
    github.past.push({"environments/prod/environment.yaml": "gates: ["})
    made = github.run(*BACK)
    assert made["outcome"] == "done"
    assert "Tidegate-Direct: prod" in made["plan"]["message"]


def test_what_the_provider_merges_by_itself_is_known_to_the_audit(each: ReviewedPast) -> None:  # noqa: F811
    way = each.past.show(ENVIRONMENT).replace("reviewers:", "autoMerge: squash, reviewers:")
    each.past.push({ENVIRONMENT: way + "\n"}, "settings")
    each.forge.rules.statuses.add("ci/slow")
    for reason in ("slow", "slower"):
        assert end(each.past, *BACK[:-1], reason).code == 0
    assert [pull.auto_merge for pull in each.pulls()] == ["squash"]
    each.forge.rules.statuses.clear()
    assert len(each.pulls("merged")) == 1
    entry = each.run("audit", "--env", "prod", "--app", "shop")["entries"][-1]
    assert (entry["deed"], entry["proven"], entry["reason"]) == ("rolled_back", True, "slower")
    assert entry["pullRequest"]


def test_what_was_to_merge_by_itself_is_taken_back_before_its_head_moves(
    each: ReviewedPast,  # noqa: F811
) -> None:
    each.run(*BACK)
    (pull,) = each.pulls()
    head = each.forge.head(BRANCH)
    each.forge.rules.statuses.add("ci/slow")
    pull.auto_merge = "squash"
    again = (*BACK[:-1], "answers are wrong")
    # Where it can't be cancelled, nothing is pushed.
    refused = status(403, b"{}", "application/json")
    cancel = "/(graphql|cancel_merge_when_pipeline_succeeds)$"
    each.server.faults.append(on("POST", cancel, refused, times=math.inf))
    (made,) = each.run(*again, code=4)["pullRequests"]
    assert "can't be cancelled, so its branch isn't moved" in made["error"]["message"]
    assert (each.forge.head(BRANCH), pull.auto_merge) == (head, "squash")
    each.server.faults.clear()
    (made,) = each.run(*again)["pullRequests"]
    assert (made["action"], pull.auto_merge) == ("updated", None)
    assert each.forge.head(BRANCH) != head
    each.forge.rules.statuses.clear()
    assert each.pulls() == [pull]
