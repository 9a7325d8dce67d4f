"""`wait` and `sync`, from the command line to a small Argo CD."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from tests.support.argocd import fake_argocd, on, refusal, status  # noqa: F401
from tests.support.argocd_answers import Document
from tests.support.delivery import Delivery, argo_cd_that_follows, running  # noqa: F401
from tests.support.gitops import Answer
from tests.support.releases import past  # noqa: F401

from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))


def wait(delivery: Delivery, *arguments: str) -> Answer:
    words = ("wait", "shop", "--env", "prod", "--healthy-for", "0", "--format", "json")
    answer = delivery.tidegate(*words, *arguments)
    if answer.out:
        assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    return answer


def ending(answer: Answer) -> Any:
    (app,) = answer.json["apps"]
    return app


def test_what_runs_already_is_live(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    name = delivery.deploy("shop", "1")
    answer = wait(delivery)
    app = ending(answer)
    assert (answer.code, app["outcome"], app["version"]) == (0, "live", "1"), answer.err
    assert app["clusters"][0]["application"] == name
    # The registry can't be reached: that is told, and the app is live all the same.
    (warning,) = answer.json["warnings"]
    assert "moves it later" in warning
    assert "shop" in answer.err
    assert "live: live and healthy" in answer.err


def test_a_promotion_is_followed_until_it_is_live(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    name = delivery.deploy("shop", "1")
    delivery.past.ship("shop", "2")
    steps = [
        {"sync": {"status": "OutOfSync", "revision": delivery.past.head()}},
        {"sync": {"status": "Synced", "revision": delivery.past.head()},
         "health": {"status": "Progressing"}},
        {"health": {"status": "Healthy"}, **running("shop", "2")},
    ]  # fmt: skip

    def go_on(document: Document) -> None:
        delivery.refresh(document)
        if steps:
            document["status"].update(steps.pop(0))
            threading.Timer(0.2, delivery.argocd.change, (name, go_on)).start()

    delivery.argocd.on_refresh = go_on
    answer = wait(delivery)
    assert (answer.code, ending(answer)["outcome"]) == (0, "live"), answer.err
    assert f"{name}" in answer.out
    assert not steps


def test_a_failed_sync(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    name = delivery.deploy("shop", "1")
    document = delivery.argocd.document(name)
    failed = {**document["status"]["operationState"], "phase": "Failed", "message": "is invalid"}
    failed["syncResult"] = {**failed["syncResult"], "revision": delivery.past.head()}
    delivery.status[name] = {"operationState": failed}
    answer = wait(delivery)
    app = ending(answer)
    assert (answer.code, app["outcome"]) == (3, "failed")
    assert "is invalid" in app["reason"]
    assert "`tidegate rollback shop --env prod" in app["advice"]
    shown = delivery.tidegate("wait", "shop", "--env", "prod").out
    assert "shop  prod  1  failed" in shown
    marked = delivery.tidegate("wait", "shop", "--env", "prod", "--format", "markdown").out
    assert "| ❌ | `shop` | `1` | failed | the sync failed" in marked


def test_overtaken_by_another_version(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    waited = delivery.past.head()
    delivery.deploy("shop", "1")
    delivery.past.ship("shop", "2")
    answer = wait(delivery, "--revision", waited)
    app = ending(answer)
    assert (answer.code, app["outcome"]) == (3, "superseded")
    assert app["supersededBy"]["version"] == "2"
    assert app["supersededBy"]["revision"] == delivery.past.head()


@pytest.mark.parametrize(("code", "grpc"), [(401, 16), (403, 7), (500, 13), (503, 14)])
def test_an_argo_cd_that_refuses_everything_is_unknown(
    delivery: Delivery,
    code: int,
    grpc: int,
) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")
    delivery.argocd.faults.append(on("GET", "", refusal(code, grpc, "no"), times=10_000))
    answer = wait(delivery, "--timeout", "5")
    assert (answer.code, ending(answer)["outcome"]) == (3, "unknown")


def test_a_controller_that_is_down_is_unknown_in_time(delivery: Delivery) -> None:
    """The API answers, but nothing is compared any more."""
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")
    refreshes = on("GET", "/applications/shop-prod$", status(504), times=10_000)
    delivery.argocd.faults.append(refreshes)
    answer = wait(delivery, "--timeout", "6")
    assert (answer.code, ending(answer)["outcome"]) == (3, "unknown")


def test_two_clusters(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1", "-a")
    slow = delivery.deploy("shop", "1", "-b")
    delivery.status[slow] = {"health": {"status": "Progressing"}}
    answer = wait(delivery, "--timeout", "25")
    assert ending(answer)["outcome"] == "timed_out"
    kinds = {c["application"]: c["outcome"] for c in ending(answer)["clusters"]}
    assert kinds == {"shop-prod-a": "live", "shop-prod-b": "timed_out"}
    del delivery.status[slow]
    delivery.argocd.change(slow, lambda d: d["status"].update(health={"status": "Healthy"}))
    assert wait(delivery).code == 0


def test_what_cannot_be_waited_for(delivery: Delivery) -> None:
    answer = delivery.tidegate("wait", "shop", "--env", "prod")
    assert answer.code == 2
    assert "never promoted to prod" in answer.err
    assert delivery.tidegate("wait", "shp", "--env", "prod").code == 2
    assert delivery.tidegate("wait", "shop", "--env", "prd").code == 2
    delivery.past.ship("shop", "1")
    answer = delivery.tidegate("wait", "shop", "--env", "prod", "--revision", "main")
    assert (answer.code, "is no commit" in answer.err) == (2, True)
    bare = delivery.past.tidegate("wait", "shop", "--env", "prod")
    assert (bare.code, "ARGOCD_AUTH_TOKEN" in bare.err) == (2, True)


def test_sync_asks_once_and_waits_for_its_own(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    name = delivery.deploy("shop", "1")

    def synced(document: Document) -> None:
        asked = document.pop("operation")
        document["status"]["operationState"] = {
            "operation": asked,
            "phase": "Succeeded",
            "message": "synced",
            "startedAt": "2026-11-22T10:35:00Z",
            "finishedAt": "2026-11-22T10:35:01Z",
            "syncResult": {"revision": delivery.past.head(), "source": {}, "resources": []},
        }

    delivery.argocd.on_sync = synced
    words = ("sync", "shop", "--env", "prod", "--format", "json")
    answer = delivery.tidegate(*words)
    assert (answer.code, ending(answer)["outcome"], answer.json["waited"]) == (0, "waiting", False)
    answer = delivery.tidegate(*words, "--wait", "--prune", "--healthy-for", "0")
    assert (answer.code, ending(answer)["outcome"]) == (0, "live"), answer.err
    requests = delivery.argocd.asked("POST", f"{name}/sync")
    assert [request.body["prune"] for request in requests] == [False, True]
    assert "revision" not in requests[0].body
    marks = {request.body["infos"][0]["value"] for request in requests}
    assert len(marks) == 2


def test_a_dry_run_says_what_a_sync_would_do(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")

    def tried(document: Document) -> None:
        asked = document.pop("operation")
        result = {"kind": "Deployment", "name": "shop", "namespace": "shop", "version": "v1"}
        result |= {"group": "apps", "status": "Synced", "message": "configured (dry run)"}
        document["status"]["operationState"] = {
            "operation": asked,
            "phase": "Succeeded",
            "startedAt": "2026-11-22T10:35:00Z",
            "finishedAt": "2026-11-22T10:35:01Z",
            "syncResult": {"revision": delivery.past.head(), "source": {}, "resources": [result]},
        }

    delivery.argocd.on_sync = tried
    answer = delivery.tidegate("sync", "shop", "--env", "prod", "--dry-run", "--format", "json")
    assert answer.code == 0, answer.err
    assert ending(answer)["details"] == ["Deployment shop: configured (dry run)"]
    assert delivery.argocd.asked("POST", "sync$")[0].body["dryRun"] is True


def test_a_window_blocks_a_sync(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")
    delivery.argocd.windows = (
        {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "manualSync": False},
    )
    answer = delivery.tidegate("sync", "shop", "--env", "prod", "--wait", "--format", "json")
    assert (answer.code, ending(answer)["outcome"]) == (1, "blocked")
    assert "deny '* * * * *' for 1h" in ending(answer)["reason"]
    assert ending(answer)["until"] is None  # each minute begins another hour
    delivery.argocd.windows = (
        {"kind": "deny", "schedule": "0 0 * * *", "duration": "1439m", "manualSync": False},
    )
    answer = delivery.tidegate("sync", "shop", "--env", "prod", "--format", "json")
    until = datetime.fromisoformat(ending(answer)["until"])
    assert until > datetime.now(UTC)
    assert f"it opens {until:%a %Y-%m-%d %H:%M} UTC" in ending(answer)["reason"]


def test_an_app_without_an_application(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    answer = delivery.tidegate("sync", "shop", "--env", "prod")
    assert answer.code == 3
    assert "docs/going-live.md" in answer.err
    assert "bootstrap.yaml" in answer.err
