"""`promote --wait`, from the command line to a small Argo CD: live, or back again."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from tests.support.argocd import TOKEN, FakeArgoCd, fake_argocd  # noqa: F401
from tests.support.argocd_answers import Document, application
from tests.support.gitops import Answer, World, sample_files, world  # noqa: F401
from tests.support.mlflow_server import client, mlflow_store  # noqa: F401

from tidegate.domain.live import Live, LiveState
from tidegate.domain.sync import AppEnding, ClusterEnding
from tidegate.flows.deliver import failure_was_seen
from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))
LABELS = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "dev"}


def promote(world: World, *arguments: str) -> Answer:  # noqa: F811
    words = ("promote", "shop", "--to", "dev", "--wait", "--healthy-for", "0", "--format", "json")
    answer = world.tidegate(*words, *arguments, ARGOCD_AUTH_TOKEN=TOKEN)
    assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    return answer


def follow(world: World, argocd: FakeArgoCd, **status: Any) -> None:  # noqa: F811
    """An Argo CD that runs at once whatever the branch says, or what `status` says."""
    more = f"\nargocd: {{server: '{argocd.server}', plainText: true}}\n"
    world.push({"tidegate.yaml": world.show("tidegate.yaml") + more})
    argocd.put(application("shop-dev", project="dev", labels=LABELS, revision=world.head()))

    def refresh(document: Document) -> None:
        release = yaml.safe_load(world.show("environments/dev/shop/release.yaml"))
        digest = release["image"]["digest"]
        found = document["status"]
        found["sync"]["revision"] = world.head()
        found["reconciledAt"] = "2026-11-22T11:00:00Z"
        found["summary"] = {"images": [f"{world.image('shop')}:t@{digest}"]}
        for key, value in status.items():
            found[key] = value(found) if callable(value) else value

    argocd.on_refresh = refresh


def failed(found: dict[str, Any]) -> dict[str, Any]:
    last = {**found["operationState"], "phase": "Failed", "message": "Deployment is invalid"}
    last["syncResult"] = {**last["syncResult"], "revision": found["sync"]["revision"]}
    return last


def aliases(world: World) -> dict[str, str]:  # noqa: F811
    found = client(world.store.uri).get_registered_model("shop").aliases
    return {name: str(version) for name, version in found.items()}


def test_live_and_then_the_alias(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    follow(world, argocd)
    answer = promote(world)
    assert answer.code == 0, answer.err
    assert answer.json["promotion"]["outcome"] == "promoted"
    assert answer.json["sync"]["apps"][0]["outcome"] == "live"
    assert aliases(world)["shop-dev"] == "1"
    # Again: nothing is committed, and it is live.
    again = promote(world)
    assert (again.code, again.json["promotion"]["outcome"]) == (0, "already")
    assert "already named" in again.json["sync"]["apps"][0]["notes"][0]


def test_a_failure_is_rolled_back_where_that_is_wanted(
    world: World,  # noqa: F811
    argocd: FakeArgoCd,
) -> None:
    world.register("shop", alias="candidate", metrics={"auc": 0.8})
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    world.register("shop", alias="candidate", metrics={"auc": 0.9})
    follow(world, argocd, operationState=failed)
    answer = promote(world, "--on-failure", "rollback")
    assert answer.code == 3
    assert answer.json["sync"]["apps"][0]["outcome"] == "failed"
    assert answer.json["rollback"]["apps"][0]["outcome"] == "done", answer.out
    assert world.commits()[0].startswith("rollback(dev): shop")
    assert "shop-dev" not in aliases(world)


def test_a_wish_that_nobody_can_fulfil_commits_nothing(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    before = world.head()
    words = ("promote", "shop", "--to", "dev")
    answer = world.tidegate(*words, "--wait", ARGOCD_SERVER="")
    assert (answer.code, "no Argo CD is named" in answer.err) == (2, True)
    answer = world.tidegate(*words, "--on-failure", "rollback")
    assert (answer.code, "needs --wait" in answer.err) == (2, True)
    assert world.head() == before


@pytest.mark.parametrize("kind", list(Live))
@pytest.mark.parametrize("stuck", [False, True])
def test_only_what_was_seen_to_fail_is_a_reason_to_go_back(kind: Live, stuck: bool) -> None:
    state = LiveState(kind, "why", stuck=stuck)
    cluster = ClusterEnding(None, "", "", state)  # type: ignore[arg-type]
    ending = AppEnding(None, state, (cluster,), 1.0)  # type: ignore[arg-type]
    expected = kind in (Live.FAILED, Live.DEGRADED) or (kind is Live.TIMED_OUT and stuck)
    assert failure_was_seen(ending) is expected


def test_what_can_not_be_rendered_is_no_reason_to_go_back() -> None:
    """What ran before runs on, and a later commit of somebody else's may be to blame."""
    state = LiveState(Live.FAILED, "why", unrendered=True)
    cluster = ClusterEnding(None, "", "", state)  # type: ignore[arg-type]
    assert not failure_was_seen(AppEnding(None, state, (cluster,), 1.0))  # type: ignore[arg-type]


def test_what_commits_brought_is_followed_and_nothing_else(
    world: World,  # noqa: F811
    argocd: FakeArgoCd,
) -> None:
    world.register("shop", alias="candidate")
    follow(world, argocd)
    before = world.head()
    words = ("deliver", "--healthy-for", "0", "--format", "json", "--since")
    nothing = world.tidegate(*words, before, ARGOCD_AUTH_TOKEN=TOKEN)
    assert (nothing.code, nothing.json["arrivals"]) == (0, [])
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    answer = world.tidegate(*words, before[:12], ARGOCD_AUTH_TOKEN=TOKEN)
    assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    assert (answer.code, answer.json["since"]) == (0, before)
    (arrival,) = answer.json["arrivals"]
    assert (arrival["environment"], arrival["apps"]) == ("dev", ["shop"])
    assert arrival["sync"]["outcome"] == "live"
    assert aliases(world)["shop-dev"] == "1"
    assert world.tidegate(*words, "HEAD~1", ARGOCD_AUTH_TOKEN=TOKEN).code == 2
    elsewhere = world.tidegate(*words, before, "--env", "nowhere", ARGOCD_AUTH_TOKEN=TOKEN)
    assert elsewhere.code == 2


def test_what_commits_brought_and_fails_is_taken_back(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    world.register("shop", alias="candidate", metrics={"auc": 0.8})
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    follow(world, argocd, operationState=failed)
    before = world.head()
    world.register("shop", alias="candidate")
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    words = ("deliver", "--since", before, "--on-failure", "rollback", "--format", "json")
    answer = world.tidegate(*words, ARGOCD_AUTH_TOKEN=TOKEN)
    assert answer.code == 3
    (arrival,) = answer.json["arrivals"]
    assert arrival["rollback"]["apps"][0]["outcome"] == "done"
    assert world.commits()[0].startswith("rollback(dev): shop")


def test_a_commit_that_the_branch_has_not_is_no_end(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    """Providers say zeros of a new branch, and of one that was forced what it had before."""
    world.register("shop", alias="candidate", metrics={"auc": 0.8})
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    follow(world, argocd, operationState=failed)
    head = world.head()
    words = ("deliver", "--on-failure", "rollback", "--format", "json", "--since")
    for commit in ("0" * 40, "deadbeef" * 5):
        answer = world.tidegate(*words, commit, ARGOCD_AUTH_TOKEN=TOKEN)
        assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
        (arrival,) = answer.json["arrivals"]
        assert (answer.code, answer.json["since"]) == (3, None)
        assert (arrival["apps"], arrival["sync"]["outcome"]) == (["shop"], "failed")
        # It may have failed before anybody pushed.
        assert arrival["rollback"] is None
    assert world.head() == head
    assert world.tidegate(*words, "deadbeef", ARGOCD_AUTH_TOKEN=TOKEN).code == 2
    # A shallow clone may only not know it.
    shallow, url = world.folder / "shallow", f"file://{world.remote}"
    world.git("clone", "-q", "--depth", "1", url, str(shallow), cwd=world.folder)
    before = world.git("rev-parse", f"{head}~1", cwd=world.remote)
    answer = world.tidegate(*words, before, root=shallow, ARGOCD_AUTH_TOKEN=TOKEN)
    assert (answer.code, answer.json["since"], answer.json["arrivals"]) == (0, before, [])


def test_a_rollback_that_fails_too_is_left_to_people(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    """Its push starts the same pipeline: a broken cluster would take back all that ever ran."""
    said = []

    def fail(found: dict[str, Any]) -> dict[str, Any]:
        said.append("again")
        return failed(found) | {"message": f"Deployment is invalid {' '.join(said)}"}

    follow(world, argocd, operationState=fail)
    before = ""
    for auc in (0.7, 0.8, 0.9):
        before = world.head()
        world.register("shop", alias="candidate", metrics={"auc": auc})
        assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    words = ("deliver", "--on-failure", "rollback", "--format", "json", "--since")
    for commit, outcome in ((before, "done"), (world.head(), "already")):
        answer = world.tidegate(*words, commit, ARGOCD_AUTH_TOKEN=TOKEN)
        (arrival,) = answer.json["arrivals"]
        assert (answer.code, arrival["rollback"]["apps"][0]["outcome"]) == (3, outcome)
    assert world.commits()[0].startswith("rollback(dev): shop 3 → 2")
