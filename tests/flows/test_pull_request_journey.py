"""From a registered version to production and back, as a team goes it: each step a command, Git
over HTTP, at each provider."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.support.journey import BRANCH, Journey, journey
from tests.support.mlflow_server import MlflowStore, mlflow_store  # noqa: F401


@pytest.mark.parametrize("kind", ["github", "gitlab"])
def test_a_version_goes_by_pull_request_until_it_is_live_and_back_again(
    kind: str,
    tmp_path: Path,
    mlflow_store: MlflowStore,  # noqa: F811
) -> None:
    with journey(kind, tmp_path, mlflow_store) as way:
        first_of_all(way)
        newer_supersedes_older(way)
        rolled_back(way)
        audited(way)
        nothing_told_the_token(way)


def first_of_all(way: Journey) -> None:
    """Proposed, approved, merged, delivered."""
    assert way.next_version() == "1"
    assert way.propose() == ("opened", 1)
    way.forge.review(1, "ann")
    assert merged(way, 1) == ("1", None)
    assert delivered(way) == ("1", "1")


def newer_supersedes_older(way: Journey) -> None:
    """One pull request, whose approval is for the older head alone."""
    way.next_version()
    assert way.propose() == ("opened", 2)
    way.forge.review(2, "ann")
    assert way.next_version() == "3"
    assert way.propose() == ("updated", 2)
    assert way.pull().title == "promote(staging): shop 1 → 3"
    stale = way.tidegate("merge", "2", code=1)
    assert "approved an earlier one" in stale["approvals"][0]["message"]
    way.world.git("fetch", "-q", "origin")
    refs = ("--base", "origin/main", "--head", f"origin/{BRANCH}")
    assert way.tidegate("verify", *refs)["outcome"] == "verified"
    way.forge.review(2, "bob")
    assert merged(way, 2) == ("3", "1")
    assert delivered(way) == ("3", "3")


def rolled_back(way: Journey) -> None:
    """Back to what ran before, which asks nobody, until that is live."""
    reason = ("--reason", "answers are late")
    (made,) = way.tidegate("rollback", "shop", "--env", "staging", *reason)["pullRequests"]
    assert (made["action"], made["pullRequest"]["number"]) == ("opened", 3)
    assert merged(way, 3) == ("1", "3")
    assert delivered(way) == ("1", "1")


def audited(way: Journey) -> None:
    """Git alone tells all of it afterwards, squashed or not."""
    entries = way.tidegate("audit", "--env", "staging")["entries"]
    told = [(e["deed"], e["release"] and e["release"]["version"], e["proven"]) for e in entries]
    assert sorted(told[-3:]) == [
        ("promoted", "1", True),
        ("promoted", "3", True),
        ("rolled_back", "1", True),
    ]
    promoted = [e for e in entries if e["deed"] == "promoted"]
    assert [e["approvedBy"] for e in promoted] == [["ann"], ["bob"]]
    assert [e["pullRequest"][-2:] for e in promoted] == ["/1", "/2"]


def nothing_told_the_token(way: Journey) -> None:
    """In no file around the clone, and in nothing that was said."""
    assert len(way.said) == 32
    assert way.places_of(way.token) == []


def merged(way: Journey, number: int) -> tuple[str, str | None]:
    """What staging's record names once it is merged, and what is live by then."""
    assert way.tidegate("merge", str(number))["outcome"] == "merged"
    assert [pull.state for pull in way.forge.pulls.values()][number - 1] == "merged"
    return way.running(), way.live()


def delivered(way: Journey) -> tuple[str, str | None]:
    """The same once the last commit was followed into the cluster."""
    since = way.world.git("rev-parse", "main~1", cwd=way.world.remote)
    report = way.tidegate("deliver", "--since", since, "--healthy-for", "0")
    (arrival,) = report["arrivals"]
    assert (arrival["environment"], arrival["sync"]["outcome"]) == ("staging", "live")
    return way.running(), way.live()
