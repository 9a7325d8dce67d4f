"""The gate `soak` with its real parts: a branch, and a small Argo CD."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from tests.support.argocd import TOKEN, FakeArgoCd, fake_argocd, on, refusal  # noqa: F401
from tests.support.argocd_answers import Document, application
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

LABELS = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "dev"}
GATES = "  - {gate: soak, for: 24h}\n"


def answer(world: World) -> tuple[int, Any]:  # noqa: F811
    words = ("evaluate", "shop", "--to", "staging", "--format", "json")
    found = world.tidegate(*words, ARGOCD_AUTH_TOKEN=TOKEN)
    (gate,) = found.json["apps"][0]["gates"]
    return found.code, gate


def test_what_staging_asks_about_dev(world: World, argocd: FakeArgoCd) -> None:  # noqa: F811
    path = "environments/staging/environment.yaml"
    kept = world.show(path).partition("gates:")[0]
    more = f"\nargocd: {{server: '{argocd.server}', plainText: true}}\n"
    world.push(
        {path: f"{kept}gates:\n{GATES}", "tidegate.yaml": world.show("tidegate.yaml") + more}
    )
    world.register("shop", alias="candidate")
    days_ago = datetime.now(UTC) - timedelta(days=3)
    date = days_ago.isoformat(timespec="seconds")
    dated = {"GIT_COMMITTER_DATE": date, "GIT_AUTHOR_DATE": date}
    assert world.tidegate("promote", "shop", "--to", "dev", **dated).code == 0
    code, gate = answer(world)
    assert (code, gate["status"]) == (1, "errored")
    assert "no Application of shop in dev" in gate["sentence"]

    release = world.tidegate("status", "--format", "json").json["apps"]
    digest = next(a["release"]["image"]["digest"] for a in release if a["release"])
    image = f"{world.image('shop')}:t@{digest}"
    since = {"status": "Healthy", "lastTransitionTime": "2026-11-20T11:00:00Z"}
    argocd.put(
        application(
            "shop-dev", labels=LABELS, revision=world.head(), health=since,
            summary={"images": [image]},
        )
    )  # fmt: skip
    compared = {"at": "2026-11-20T20:00:00Z"}

    def refresh(document: Document) -> None:
        document["status"]["reconciledAt"] = compared["at"]
        document["status"]["operationState"]["finishedAt"] = "2026-11-20T10:59:00Z"

    argocd.on_refresh = refresh
    code, gate = answer(world)
    assert (code, gate["status"], gate["measured"]) == (1, "failed", "9h")
    compared["at"] = "2026-11-21T12:00:00Z"
    code, gate = answer(world)
    assert (code, gate["status"], gate["measured"]) == (0, "passed", "25h"), gate
    note = "argocd.argoproj.io/skip-reconcile"
    argocd.change("shop-dev", lambda d: d["metadata"]["annotations"].update({note: "true"}))
    assert note in answer(world)[1]["sentence"]
    argocd.change("shop-dev", lambda d: d["metadata"]["annotations"].pop(note))
    argocd.change("shop-dev", lambda d: d["status"].update(summary={"images": ["evil:1"]}))
    assert answer(world)[1]["status"] == "failed"
    argocd.faults.append(on("GET", "", refusal(503, 14, "down"), times=10_000))
    code, gate = answer(world)
    assert (code, gate["status"]) == (1, "errored")
