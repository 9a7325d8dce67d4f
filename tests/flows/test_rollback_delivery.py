"""`rollback --wait`: back in the cluster too, and a commit whatever the cluster says."""

from __future__ import annotations

from jsonschema import Draft202012Validator
from tests.support.argocd import fake_argocd, on, refusal  # noqa: F401
from tests.support.argocd_answers import Document
from tests.support.delivery import Delivery, argo_cd_that_follows, running  # noqa: F401
from tests.support.gitops import Answer
from tests.support.releases import past  # noqa: F401

from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))


def back(delivery: Delivery, *arguments: str, form: str = "json") -> Answer:
    words = ("rollback", "shop", "--env", "prod", "--reason", "slow", "--wait")
    answer = delivery.tidegate(*words, "--healthy-for", "0", "--format", form, *arguments)
    if form == "json":
        assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    return answer


def ship_two(delivery: Delivery) -> str:
    delivery.past.ship("shop", "1")
    delivery.past.ship("shop", "2")
    name = delivery.deploy("shop", "2")

    def follow(document: Document) -> None:
        delivery.refresh(document)
        version, _, _ = delivery.past.runs("shop")
        document["status"].update(running("shop", version))

    delivery.argocd.on_refresh = follow
    return name


def test_it_waits_until_the_version_before_is_live(delivery: Delivery) -> None:
    ship_two(delivery)
    answer = back(delivery)
    assert (answer.code, answer.json["outcome"]) == (0, "done"), answer.err
    (app,) = answer.json["sync"]["apps"]
    assert (app["outcome"], app["version"]) == ("live", "1")
    assert app["revision"] == answer.json["commit"]["revision"]
    # Again: nothing is committed, and it is live.
    head = delivery.past.head()
    again = back(delivery)
    assert (again.code, again.json["outcome"], delivery.past.head()) == (0, "already", head)
    assert again.json["sync"]["apps"][0]["outcome"] == "live"
    assert "shop  prod  1  live" in back(delivery, form="text").out
    assert "| ✅ | `shop` | `1` | live" in back(delivery, form="markdown").out


def test_what_is_not_live_again_is_told_by_the_exit_code(delivery: Delivery) -> None:
    name = ship_two(delivery)

    def fail(document: Document) -> None:
        delivery.refresh(document)
        last = document["status"]["operationState"]
        last.update(phase="Failed", message="is invalid")
        last["syncResult"]["revision"] = delivery.past.head()

    delivery.argocd.on_refresh = fail
    answer = back(delivery)
    assert (answer.code, answer.json["outcome"]) == (3, "done")
    assert answer.json["sync"]["outcome"] == "failed"
    assert delivery.past.runs("shop")[0] == "1"
    assert name in answer.out


def test_the_commit_is_made_whoever_cannot_see_the_cluster(delivery: Delivery) -> None:
    ship_two(delivery)
    settings = delivery.past.show("tidegate.yaml").split("\nargocd:")[0] + "\n"
    delivery.past.push({"tidegate.yaml": settings}, "no Argo CD any more")
    answer = back(delivery, form="markdown")
    assert answer.code == 2
    assert "no Argo CD is named" in answer.err
    assert "no Argo CD is named" in answer.out
    assert delivery.past.runs("shop")[0] == "1"


def test_an_argo_cd_that_refuses_leaves_the_commit(delivery: Delivery) -> None:
    ship_two(delivery)
    delivery.argocd.faults.append(on("GET", "", refusal(403, 7, "denied"), times=10_000))
    answer = back(delivery)
    assert (answer.code, answer.json["sync"]["outcome"]) == (3, "unknown")
    assert delivery.past.runs("shop")[0] == "1"


def test_a_dry_run_and_a_refusal_wait_for_nothing(delivery: Delivery) -> None:
    ship_two(delivery)
    assert back(delivery, "--dry-run").json["sync"] is None
    refused = back(delivery, "--to", "7")
    assert (refused.code, refused.json["sync"]) == (2, None)
    assert delivery.argocd.requests == []
