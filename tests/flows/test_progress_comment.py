"""What a pull request is told on its way: one comment, from its opening until what it brought is
live, or back again."""

from __future__ import annotations

import math

import pytest
import yaml
from tests.support import argocd as small
from tests.support.argocd import FakeArgoCd, fake_argocd, on, status  # noqa: F401
from tests.support.argocd_answers import Document, application
from tests.support.forge import Pull
from tests.support.gitops import Answer
from tests.support.markdown import read
from tests.support.mlflow_server import mlflow_store, mlflow_template  # noqa: F401
from tests.support.reviewed import BRANCH, Reviewed, review  # noqa: F401

from tidegate.domain.progress import MARKER

RELEASE = "environments/staging/shop/release.yaml"
LABELS = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "staging"}


@pytest.fixture
def cluster(review: Reviewed, argocd: FakeArgoCd) -> FakeArgoCd:  # noqa: F811
    """It has staging's shop, and runs at once whatever the branch says."""
    world = review.world
    more = f"\nargocd: {{server: '{argocd.server}', plainText: true}}\n"
    world.push({"tidegate.yaml": world.show("tidegate.yaml") + more})
    argocd.put(application("shop-staging", project="staging", labels=LABELS, revision=world.head()))
    world.environ["ARGOCD_AUTH_TOKEN"] = small.TOKEN

    def refresh(document: Document) -> None:
        digest = yaml.safe_load(world.show(RELEASE))["image"]["digest"]
        found = document["status"]
        found["sync"]["revision"] = world.head()
        found["reconciledAt"] = "2026-11-22T11:00:00Z"
        found["summary"] = {"images": [f"{world.image('shop')}:t@{digest}"]}

    argocd.on_refresh = refresh
    return argocd


def comment(pull: Pull) -> str:
    (found,) = [c.body for c in pull.comments if c.body.startswith(MARKER)]
    return found


def rows(pull: Pull) -> list[tuple[str, str]]:
    """Each stage, and what is said about it."""
    _, *found = read(comment(pull)).rows
    return [(row[1].strip(), row[2].strip()) for row in found]


def merge(review: Reviewed, method: str = "squash") -> Pull:  # noqa: F811
    (pull,) = review.pulls()
    answer = review.world.tidegate("merge", str(pull.number), "--method", method)
    assert answer.code == 0, answer.out + answer.err
    review.forge.git("update-ref", "-d", f"refs/heads/{BRANCH}")  # as providers do when asked to
    return pull


def deliver(review: Reviewed, since: str, *more: str) -> Answer:  # noqa: F811
    words = ("deliver", "--since", since, "--healthy-for", "0", "--format", "json", *more)
    return review.world.tidegate(*words)


def test_from_its_opening_until_it_is_live(
    review: Reviewed,  # noqa: F811
    cluster: FakeArgoCd,
) -> None:
    before = review.world.head()
    review.promote("shop")
    (pull,) = review.pulls()
    assert rows(pull) == [("opened", ""), ("check passed", "tidegate/gates")]
    merge(review, "merge")
    assert rows(pull)[2:] == [("merged", review.world.head())]
    answer = deliver(review, before)
    assert answer.code == 0, answer.out + answer.err
    assert answer.json["arrivals"][0]["notes"] == []
    merged, live = rows(pull)[2:]
    assert merged == ("merged", review.world.head())
    assert live[0] == "live"
    assert live[1].startswith("shop to staging: ")
    assert len(pull.comments) == 1
    # Again: it is live still, and nothing is written anywhere.
    asked = len(review.github.requests)
    assert deliver(review, before).code == 0
    assert review.github.written(asked) == []


def test_a_pull_request_that_took_it_elsewhere_is_not_told(
    review: Reviewed,  # noqa: F811
    cluster: FakeArgoCd,
) -> None:
    forge, before = review.forge, review.world.head()
    review.promote("shop")
    merge(review)
    forge.pulls.clear()  # as if it had come by a commit
    forge.git("update-ref", "refs/heads/elsewhere", before)
    forge.git("update-ref", "refs/heads/copy", "main")
    values = {"title": "t", "body": "b", "branch": "copy", "base": "elsewhere", "draft": False}
    pull = forge.merge(forge.open("eve", values).number, None, "merge", "")
    answer = deliver(review, before)
    assert (answer.code, pull.comments) == (0, []), answer.err


def test_what_fails_is_told_with_the_commit_that_took_it_back(
    review: Reviewed,  # noqa: F811
    cluster: FakeArgoCd,
) -> None:
    review.promote("shop")
    merge(review)
    review.next_version()
    before = review.world.head()
    review.promote("shop")
    pull = merge(review)
    usual = cluster.on_refresh

    def fail(document: Document) -> None:
        usual(document)
        found = document["status"]
        last = {**found["operationState"], "phase": "Failed", "message": "invalid | @all"}
        last["syncResult"] = {**last["syncResult"], "revision": found["sync"]["revision"]}
        found["operationState"] = last

    cluster.on_refresh = fail
    answer = deliver(review, before, "--on-failure", "rollback")
    assert answer.code == 3
    found = rows(pull)
    assert [stage for stage, _ in found[-2:]] == ["failed", "rolled back"]
    assert "@all" not in found[-2][1]
    assert found[-1][1] == f"shop to version 1 {review.world.head()}"
    said = review.world.git("log", "-1", "--format=%B", "main", cwd=review.world.remote)
    assert "Tidegate-Direct: staging" in said


def test_what_stands_in_its_way_is_told(review: Reviewed) -> None:  # noqa: F811
    review.promote("shop")
    (pull,) = review.pulls()
    review.forge.statuses.clear()
    assert review.world.tidegate("merge", str(pull.number), "--dry-run").code == 1
    assert len(rows(pull)) == 2
    for _ in range(2):
        assert review.world.tidegate("merge", str(pull.number)).code == 1
    obstacle = ("not merged", "the status tidegate/gates is missing on its head")
    assert rows(pull) == [("opened", ""), obstacle]
    asked = len(review.github.requests)
    assert review.world.tidegate("merge", str(pull.number)).code == 1
    assert review.github.written(asked) == []
    hold = ("shop", "--env", "staging", "--direct", "--reason", "an incident")
    assert review.world.tidegate("hold", *hold).code == 0
    review.promote("shop", code=1)
    _, (stage, words) = rows(pull)
    assert stage == "check failed"
    assert "an incident" in words


def test_who_may_not_comment_promotes_merges_and_delivers_all_the_same(
    review: Reviewed,  # noqa: F811
    cluster: FakeArgoCd,
) -> None:
    review.github.faults.append(on("POST", "/comments$", status(403), times=math.inf))
    before = review.world.head()
    (made,) = review.promote("shop")
    assert made["action"] == "opened"
    assert "could not be told" in made["note"]
    (pull,) = review.pulls()
    merged = review.world.tidegate("merge", str(pull.number), "--format", "json")
    assert (merged.code, merged.json["outcome"]) == (0, "merged")
    assert f"pull request {pull.number} could not be told" in merged.json["notes"][0]
    assert "could not be told" in merged.err
    answer = deliver(review, before)
    assert answer.code == 0
    assert "could not be told" in answer.json["arrivals"][0]["notes"][0]
    assert pull.comments == []
    # Nor does a provider that knows nothing, or nobody's token.
    review.github.faults.append(on("GET", "/commits/", status(404), times=math.inf))
    answer = deliver(review, before)
    assert (answer.code, "could not be told" in answer.err) == (0, True)
    review.world.environ["GITHUB_TOKEN"] = ""
    assert deliver(review, before).code == 0
