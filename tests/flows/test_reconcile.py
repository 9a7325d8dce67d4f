"""`reconcile`, with a real branch and registry, and a small Argo CD."""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator
from tests.support.argocd import TOKEN, FakeArgoCd, fake_argocd, on, refusal  # noqa: F401
from tests.support.argocd_answers import application
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import client, mlflow_store  # noqa: F401

from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))
LABELS = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "dev"}


def reconcile(world: World, *arguments: str) -> tuple[int, Any]:  # noqa: F811
    words = ("reconcile", "--env", "dev", "--format", "json")
    answer = world.tidegate(*words, *arguments, ARGOCD_AUTH_TOKEN=TOKEN)
    assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    return answer.code, answer.json


def test_what_disagrees_and_what_is_mended(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    more = f"\nargocd: {{server: '{argocd.server}', plainText: true}}\n"
    world.push({"tidegate.yaml": world.show("tidegate.yaml") + more})
    assert reconcile(world)[1]["compared"] == 0
    world.register("shop", alias="candidate")
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
    code, found = reconcile(world)
    assert code == 3
    assert any("no Application of shop in dev" in words for words in found["unknown"])

    standings = world.tidegate("status", "--format", "json").json["apps"]
    digest = next(s["release"]["image"]["digest"] for s in standings if s["release"])
    ours = {"images": [f"{world.image('shop')}:t@{digest}"]}
    old = {"images": [f"{world.image('shop')}:t@sha256:{'0' * 64}"]}
    argocd.put(application("shop-dev", labels=LABELS, revision=world.head(), summary=old))
    code, found = reconcile(world, "--fix", "aliases")
    assert (code, {item["place"] for item in found["disagreements"]}) == (1, {"alias", "cluster"})
    # It was not seen to be live, so that its alias stays as it is.
    assert not any(item["fixed"] for item in found["disagreements"])
    assert "shop-dev" not in client(world.store.uri).get_registered_model("shop").aliases

    argocd.change("shop-dev", lambda document: document["status"].update(summary=ours))
    code, found = reconcile(world)
    (alias,) = found["disagreements"]
    assert (code, alias["place"], alias["git"], alias["other"]) == (1, "alias", "1", None)
    code, found = reconcile(world, "--fix", "aliases")
    assert (code, found["disagreements"][0]["fixed"]) == (0, True)
    assert str(client(world.store.uri).get_registered_model("shop").aliases["shop-dev"]) == "1"
    code, found = reconcile(world)
    assert (code, found["disagreements"], found["unknown"]) == (0, [], [])
    shown = world.tidegate("reconcile", "--env", "dev", ARGOCD_AUTH_TOKEN=TOKEN)
    assert "1 release: everything agrees." in shown.out

    argocd.faults.append(on("GET", "", refusal(503, 14, "down"), times=10_000))
    code, found = reconcile(world)
    assert (code, found["disagreements"]) == (3, [])
    assert found["unknown"][0].startswith("what is live in dev: ")
