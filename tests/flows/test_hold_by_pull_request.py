"""`hold` and `release` where prod is delivered by pull request."""

from __future__ import annotations

import math

import pytest
from tests.support.argocd import on, status
from tests.support.forge import Status, now
from tests.support.reviewed_past import ENVIRONMENT, ReviewedPast, each, github  # noqa: F401

HOLD = ("hold", "shop", "--env", "prod", "--reason", "stock-taking")
FREE = ("release", "shop", "--env", "prod", "--reason", "it is over")
FILE = "environments/prod/shop/hold.yaml"


def test_a_hold_and_what_lifts_it_are_pull_requests(each: ReviewedPast) -> None:  # noqa: F811
    head = each.past.head()
    made = each.run(*HOLD)
    assert (made["outcome"], each.past.head()) == ("proposed", head)
    (pull,) = each.pulls()
    assert (pull.title, pull.branch) == ("hold(prod): shop", "tidegate-hold/prod/shop")
    assert each.changed(pull.branch) == ["hold.yaml"]
    assert "### `shop` in `prod`" in pull.body
    asked = len(each.server.requests)
    assert each.run(*HOLD)["pullRequests"][0]["action"] == "unchanged"
    assert each.server.written(asked) == []
    assert each.merge(pull)["outcome"] == "merged"
    assert each.past.read(FILE)["reason"] == "stock-taking"
    # What lets promotions pass waits for what the environment waits for.
    made = each.run(*FREE)
    assert made["pullRequests"][0]["branch"] == "tidegate-release/prod/shop"
    (pull,) = each.pulls()
    refused = each.run("merge", str(pull.number), code=1)
    assert refused["obstacles"] == ["the status ci/all is missing on its head"]
    each.forge.set_status(pull.revision, Status(1, "ci/all", "success", "", "", "ann", now()))
    assert each.merge(pull)["outcome"] == "merged"
    assert not each.past.has(FILE)


@pytest.mark.parametrize(
    ("places", "branch"),
    [
        (("--all",), "tidegate-hold-all/prod"),
        (("shop", "search"), "tidegate-hold/prod/search+shop"),
    ],
)
def test_a_place_has_one_branch(
    github: ReviewedPast,  # noqa: F811
    places: tuple[str, ...],
    branch: str,
) -> None:
    words = ("--env", "prod", "--reason", "the sale")
    made = github.run("hold", *places, *words)["pullRequests"]
    assert [(item["action"], item["branch"]) for item in made] == [("opened", branch)]
    (pull,) = github.pulls()
    assert github.merge(pull)["outcome"] == "merged"
    assert github.run("hold", *reversed(places), *words)["outcome"] == "already"


def test_the_last_word_counts(github: ReviewedPast) -> None:  # noqa: F811
    github.run(*HOLD)
    made = github.run(*FREE)  # nothing is held yet, and nothing will be
    assert (made["outcome"], made["pullRequests"][0]["action"]) == ("already", "closed")
    assert github.pulls() == []
    github.run(*HOLD, "--direct")
    github.run(*FREE)
    made = github.run(*HOLD)
    assert (made["outcome"], made["pullRequests"][0]["action"]) == ("already", "closed")
    github.run(*FREE)
    longer = github.run(*HOLD, "--until", "2099-01-01T00:00Z")
    assert [item["action"] for item in longer["pullRequests"]] == ["opened", "closed"]
    # Another reason, and another end: the same pull request.
    again = github.run(*HOLD[:-1], "the sale", "--until", "2099-01-02T00:00Z")
    assert [item["action"] for item in again["pullRequests"]] == ["updated"]
    (pull,) = github.pulls()
    assert github.merge(pull)["outcome"] == "merged"
    assert github.past.read(FILE)["reason"] == "the sale"


def test_whoever_stops_something_may_do_so_at_once(github: ReviewedPast) -> None:  # noqa: F811
    github.server.faults.append(on("GET", "", status(503, b"down", "text/plain"), times=math.inf))
    refused = github.run(*HOLD, code=3)
    assert "--direct commits" in refused["error"]["hint"]
    assert github.forge.head("tidegate-hold/prod/shop") is None
    made = github.run(*HOLD, "--direct")
    assert "Tidegate-Direct: prod" in made["plan"]["message"]
    assert "--direct" not in (github.run(*FREE, code=3)["error"]["hint"] or "")
    refused = github.run(*FREE, "--direct", code=2)
    assert "delivered by pull request" in refused["error"]["message"]
    rules = github.past.show(ENVIRONMENT).replace("labels:", "direct: true, labels:")
    github.past.push({ENVIRONMENT: rules + "\n"})
    assert github.run(*FREE, "--direct")["outcome"] == "done"


def test_a_dry_run_opens_nothing_and_a_commit_s_environment_may_ask_for_one(
    github: ReviewedPast,  # noqa: F811
) -> None:
    made = github.run(*HOLD, "--dry-run")
    assert (made["outcome"], made["pullRequests"][0]["action"]) == ("planned", "planned")
    assert github.server.written() == []
    dev = ("hold", "shop", "--env", "dev", "--reason", "x", "--pull-request")
    assert github.run(*dev)["pullRequests"][0]["branch"] == "tidegate-hold/dev/shop"
    assert "Nothing changed in pull request" in github.say(*dev).out
