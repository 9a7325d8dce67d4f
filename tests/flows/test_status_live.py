"""`status` beside Git: what the registry's aliases name, and what a small Argo CD shows."""

from __future__ import annotations

import signal
from argparse import Namespace
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from tests.support.argocd import TOKEN, fake_argocd, on, refusal, wait_until  # noqa: F401
from tests.support.argocd_answers import application
from tests.support.delivery import Delivery, argo_cd_that_follows, running  # noqa: F401
from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import client, mlflow_store  # noqa: F401
from tests.support.releases import digest, past  # noqa: F401

from tidegate.cli.wiring import Wiring
from tidegate.domain.standing import StatusReport
from tidegate.flows.status import StatusRequest
from tidegate.flows.status_watch import watch
from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))


def status(delivery: Delivery, *arguments: str, **environ: str) -> Any:
    answer = delivery.tidegate("status", *arguments, "--format", "json", **environ)
    assert answer.code == 0, answer.err
    assert [e.message for e in VALIDATOR.iter_errors(answer.json)] == []
    return answer.json


def shop(report: Any, environment: str = "prod") -> Any:
    (found,) = [
        item
        for item in report["apps"]
        if (item["app"], item["environment"]) == ("shop", environment)
    ]
    return found


def lists(delivery: Delivery) -> int:
    return len(delivery.argocd.asked("GET", "/applications$"))


def test_what_runs_is_named_by_its_version(delivery: Delivery) -> None:
    for version in ("1", "2", "3"):
        delivery.past.ship("shop", version)
    name = delivery.deploy("shop", "3")
    found = shop(status(delivery))
    (seen,) = found["live"]
    assert (seen["application"], seen["sync"], seen["health"]) == (name, "Synced", "Healthy")
    assert seen["running"] == [{"version": "3", "digest": digest("3")}]
    # Two releases back: neither the release nor the one that it replaced.
    delivery.argocd.change(name, lambda d: d["status"].update(running("shop", "1")))
    found = shop(status(delivery))
    assert found["live"][0]["running"] == [{"version": "1", "digest": digest("1")}]
    assert found["disagreements"] == ["version 1 runs"]
    shown = delivery.tidegate("status", "shop", "--env", "prod")
    assert (shown.code, "version 1 runs" in " ".join(shown.out.split())) == (0, True)
    assert "→ `tidegate wait shop --env prod` follows it" in shown.out
    marked = delivery.tidegate("status", "shop", "--env", "prod", "--format", "markdown").out
    assert "| ❌ | `shop` | `prod` | ? | 3 | 1 | Synced, Healthy |" in marked


def test_out_of_reach_is_told_and_git_is_shown_all_the_same(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")
    delivery.argocd.faults.append(on("GET", "", refusal(503, 14, "down"), times=10_000))
    report = status(delivery)
    found = shop(report)
    assert (found["live"], found["alias"], found["disagreements"]) == (None, None, [])
    assert found["release"]["version"] == "1"
    live, aliases = report["unknown"]
    assert live.startswith("what is live in prod: Argo CD at ")
    assert aliases.startswith("the aliases")
    nobody = delivery.past.tidegate("status", "--format", "json")
    assert (nobody.code, "ARGOCD_AUTH_TOKEN" in nobody.json["unknown"][0]) == (0, True)


def test_offline_asks_git_alone(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")
    report = status(delivery, "--offline")
    assert (report["offline"], report["unknown"], shop(report)["live"]) == (True, [], None)
    assert delivery.argocd.requests == []
    assert "alias" not in delivery.tidegate("status", "--offline").out


def test_all_environments_of_one_argo_cd_are_one_request(delivery: Delivery) -> None:
    for environment in ("dev", "staging", "prod"):
        delivery.past.ship("shop", "1", environment)
        labels = {"tidegate.dev/app": "shop", "tidegate.dev/environment": environment}
        name = f"shop-{environment}"
        delivery.argocd.put(
            application(name, project=environment, labels=labels, **running("shop", "1"))
        )
    # Of another project, and of somebody else.
    labels = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "dev"}
    delivery.argocd.put(application("false", project="prod", labels=labels))
    delivery.argocd.put(application("else"))
    report = status(delivery)
    for environment in ("dev", "staging", "prod"):
        assert [item["application"] for item in shop(report, environment)["live"]] == [
            f"shop-{environment}"
        ]
    assert lists(delivery) == 1
    assert len(delivery.argocd.requests) == 1
    # A token of its own is a view of its own.
    status(delivery, ARGOCD_AUTH_TOKEN_PROD=TOKEN)
    assert lists(delivery) == 3


ARGOCD_FILES = """\
kind: ApplicationSet
spec: {template: {spec: {source: {repoURL: 'https://git.example.com/models.git'}}}}
"""
ASTRAY: dict[str, tuple[dict[str, Any], str]] = {
    "another folder": ({"path": "environments/dev/shop"}, "renders environments/dev/shop, and not"),
    "another repository": ({"repoURL": "https://u:secret@h/x.git"}, "repoURL is h/x, which"),
    "a pinned commit": ({"targetRevision": "a" * 40}, f"targetRevision is {'a' * 40}; let"),
    "an image laid over": ({"kustomize": {"images": ["m=m:1"]}}, "kustomize.images, as Argo CD"),
}


def test_an_application_that_strays_is_told_as_wait_tells_it(delivery: Delivery) -> None:
    delivery.past.push({"environments/prod/argocd/set.yaml": ARGOCD_FILES}, "what there is")
    delivery.past.ship("shop", "1")
    name = delivery.deploy("shop", "1")
    assert shop(status(delivery))["disagreements"] == []
    right = dict(delivery.argocd.document(name)["spec"]["source"])
    for case, (changes, words) in ASTRAY.items():
        source = {key: value for key, value in (right | changes).items() if value is not None}
        delivery.argocd.change(name, lambda d, source=source: d["spec"].update(source=source))
        before = len(delivery.argocd.requests)
        (said,) = shop(status(delivery))["disagreements"]
        assert words in said, case
        assert "secret" not in said
        assert len(delivery.argocd.requests) == before + 1, case
        judged = delivery.tidegate("reconcile", "--env", "prod", "--format", "json")
        assert said in [item["reason"] for item in judged.json["disagreements"]], case


def test_several_clusters_and_none(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.past.ship("shop", "2")
    assert shop(status(delivery))["disagreements"] == ["Argo CD has no Application of it"]
    delivery.deploy("shop", "2", "-eu")
    us = delivery.deploy("shop", "1", "-us")
    there = {"server": "https://us.example.com", "namespace": "x"}
    delivery.argocd.change(us, lambda d: d["spec"].update(destination=there))
    found = shop(status(delivery))
    assert found["disagreements"] == ["version 1 runs on https://us.example.com"]
    shown = " ".join(delivery.tidegate("status", "shop").out.split())
    assert "2 on https://kubernetes.default.svc; 1 on https://us.example.com" in shown


def test_the_alias_beside_git(world: World) -> None:  # noqa: F811
    world.register("shop", alias="candidate")
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0

    def found() -> Any:
        report = world.tidegate("status", "shop", "--env", "dev", "--format", "json").json
        assert "no Argo CD is named" in report["unknown"][0]
        return report["apps"][0]

    assert found()["alias"] == {"name": "shop-dev", "version": None}
    world.register("shop")
    client(world.store.uri).set_registered_model_alias("shop", "shop-dev", "2")
    seen = found()
    assert seen["alias"]["version"] == "2"
    assert seen["disagreements"] == ["the alias shop-dev names version 2"]


def wiring_of(delivery: Delivery) -> Wiring:
    root = str(delivery.past.clone)
    arguments = Namespace(root=root, remote=None, branch=None, timeout=60.0)
    return Wiring(arguments, delivery.past.environ | {"ARGOCD_AUTH_TOKEN": TOKEN})


def follow(wiring: Wiring) -> Iterator[StatusReport]:
    return watch(StatusRequest("shop", "prod"), wiring, lambda text: None)


def until(reports: Iterator[StatusReport], *words: str) -> StatusReport:
    """The first report whose only standing disagrees so; fails when the time is over."""
    return next(r for r in reports if r.standings[0].disagreements == words)


def test_watching_tells_what_changes(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.past.ship("shop", "2")
    name = delivery.deploy("shop", "1")
    reports = follow(wiring_of(delivery))
    first = next(reports)
    assert first.standings[0].disagreements == ("version 1 runs",)
    delivery.argocd.wait_for_streams()
    delivery.argocd.change(name, lambda d: d["status"].update(running("shop", "2")))
    until(reports)
    delivery.argocd.change(name, lambda d: d["status"]["health"].update(status="Degraded"))
    until(reports, "Degraded")
    delivery.argocd.delete(name)
    until(reports, "Argo CD has no Application of it")
    # A commit that Argo CD shows first is looked for at once.
    delivery.past.ship("shop", "3")
    delivery.deploy("shop", "3")
    newest = until(reports)
    assert newest.standings[0].release is not None
    assert newest.standings[0].release.version == "3"
    reports.close()  # type: ignore[attr-defined]


def test_a_watch_ends_when_its_time_is_over(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    delivery.deploy("shop", "1")
    wiring = wiring_of(delivery)
    reports = follow(wiring)
    assert next(reports).standings[0].disagreements == ()
    wiring.remaining = lambda: 0.5
    assert list(reports) == []
    for wrong in (("--offline",), ("--format", "json")):
        assert delivery.tidegate("status", "--watch", *wrong).code == 2


def test_a_log_gets_a_line_for_each_change_and_ctrl_c_ends_it(delivery: Delivery) -> None:
    delivery.past.ship("shop", "1")
    name = delivery.deploy("shop", "1")
    words = ("status", "shop", "--env", "prod", "--watch", "--timeout", "90")
    process = delivery.past.spawn(*words, ARGOCD_AUTH_TOKEN=TOKEN)
    try:
        wait_until(lambda: "Healthy" in process.said())
        delivery.argocd.wait_for_streams()
        delivery.argocd.change(name, lambda d: d["status"]["health"].update(status="Degraded"))
        wait_until(lambda: "Degraded" in process.said())
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate()
    finally:
        process.kill()
    assert process.returncode == 130
    (line,) = [line for line in out.splitlines() if "Degraded" in line]
    assert line.startswith("shop in prod: alias ?; Git 1; live 1; Synced, Degraded; Degraded")
