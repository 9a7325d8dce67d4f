"""Verdicts that were right once, and evidence that was tampered with since."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.support.mlflow_server import client, mlflow_template  # noqa: F401
from tests.support.proposals import PROMOTE, TO_PROD, Proposals

from demo.images import write_image
from demo.trivy_db import Advisory
from tidegate.adapters.cache import FileCache

pytestmark = pytest.mark.xdist_group("proposals")

RECORD = "environments/{}/shop/release.yaml"
NEW = Advisory("CVE-2026-1", "numpy", "CRITICAL", ("<9",), ("9",))


def test_the_tag_moves_between_scan_and_merge(proposals: Proposals) -> None:
    version, head = proposals.to_dev(0.93)
    assert proposals.verify(head).code == 0
    tag = client(proposals.world.store.uri).get_model_version("shop", version).tags
    layout = proposals.world.folder / "images/shop/shop"
    name = str(tag["tidegate.image"]).rpartition(":")[2]
    write_image(layout, name, {"evil": "1.0"}, {})
    overlay = "environments/dev/shop/kustomization.yaml"
    proposals.refused(head, "`promote` writes digest", overlay)


def test_the_version_loses_its_image(proposals: Proposals) -> None:
    version, head = proposals.to_dev(0.931)
    mlflow = client(proposals.world.store.uri)
    mlflow.delete_model_version_tag("shop", version, "tidegate.image")
    proposals.refused(head, "so its image is not known", RECORD.format("dev"))


def test_the_version_is_measured_again_and_is_worse(proposals: Proposals) -> None:
    version, head = proposals.to_dev(0.94)
    mlflow = client(proposals.world.store.uri)
    run = mlflow.get_model_version("shop", version).run_id
    mlflow.log_metric(run, "auc", 0.1, step=9)
    proposals.refused(head, "gate champion:auc failed", RECORD.format("dev"))


def test_the_champion_changes_on_the_base(proposals: Proposals) -> None:
    first, second = proposals.to_dev(0.95)[1], proposals.to_dev(0.99)[1]
    answer = proposals.verify(first, base=second)
    assert answer.code == 1, answer.out
    assert any("changed on the base too" in o["message"] for o in answer.json["objections"])
    files = {
        path: proposals.show(path, first)
        for path in ("environments/dev/shop/kustomization.yaml", RECORD.format("dev"))
    }
    again = proposals.commit(files, proposals.message(first), on=second)
    answer = proposals.verify(again, base=second)
    assert any(o["message"].startswith("gate champion") for o in answer.json["objections"])


def test_a_vulnerability_is_found_after_the_scan(proposals: Proposals) -> None:
    base = proposals.made(*PROMOTE)
    head = proposals.made(*TO_PROD, base=base)
    assert proposals.verify(head, base=base).code == 0
    with proposals.known(NEW):
        answer = proposals.verify(head, base=base)
    assert answer.code == 1, answer.out
    (objection,) = answer.json["objections"]
    assert objection["message"].startswith("gate scan failed: the image has 1 critical")


def test_the_cache_of_scans_is_poisoned(proposals: Proposals) -> None:
    base = proposals.made(*PROMOTE)
    head = proposals.made(*TO_PROD, base=base)
    branch = "poisoned"
    proposals.world.git("push", "-q", "origin", f"{base}:refs/heads/{branch}")
    evaluate = ("--branch", branch, "evaluate", "shop", "--to", "prod")
    with proposals.known(NEW):
        assert proposals.world.tidegate(*evaluate).code == 1
        poison(proposals.world.folder / "cache")
        assert proposals.world.tidegate(*evaluate).code == 0  # a bargain
        assert proposals.verify(head, base=base).code == 1


def poison(cache: Path) -> None:
    """Takes every vulnerability out of every scan that was kept."""
    files = list((cache / "tidegate/scans").glob("*.json"))
    assert files
    for file in files:
        document = json.loads(file.read_text())
        document["scan"]["vulnerabilities"] = []
        file.write_text(json.dumps(document))


def test_the_cache_of_renderings_is_poisoned(proposals: Proposals) -> None:
    deployment = "apps/shop/base/deployment.yaml"
    evil, good = "evil.example/shop", "registry.example.com/shop"
    head = proposals.commit({deployment: proposals.show(deployment).replace(good, evil)})
    place = proposals.world.folder / "rendered"
    proposals.git("worktree", "add", "-q", "--detach", str(place), head)
    render = ("render", "shop", "--env", "staging")
    assert evil in proposals.world.tidegate(*render, root=place).out
    cache = proposals.world.folder / "cache/tidegate/checks"
    for file in [file for file in cache.glob("*/*") if evil.encode() in file.read_bytes()]:
        key = file.parent.name + file.name
        data = FileCache(cache).get(key) or b""
        FileCache(cache).put(key, data.replace(evil.encode(), good.encode()))
    assert evil not in proposals.world.tidegate(*render, root=place).out
    proposals.refused(head, "would run evil.example/shop/shop", deployment)


def test_a_registry_that_is_down_proves_nothing(proposals: Proposals) -> None:
    settings = proposals.show("tidegate.yaml")
    head = proposals.made(*PROMOTE)
    where = f"sqlite:///{proposals.world.store.file}"
    gone = settings.replace(where, "http://127.0.0.1:1").replace("timeout: 300", "timeout: 1")
    base = proposals.commit({"tidegate.yaml": gone}, "another registry")
    answer = proposals.verify(head, base=base)
    assert (answer.code, answer.json["outcome"]) == (3, "unknown"), answer.out
    assert answer.json["objections"][0]["outside"] is True


@pytest.mark.parametrize("name", ["$(touch pwned)`touch pwned`;touch pwned", "--help\n"])
def test_a_models_name_is_a_command(proposals: Proposals, name: str) -> None:
    world = proposals.world
    metrics = {"auc": 0.999, "example_count": 1000.0}
    version = world.register("shop", metrics=metrics, model=name)
    app = proposals.show("apps/shop/app.yaml").replace("model: shop", f"model: {json.dumps(name)}")
    base = proposals.commit({"apps/shop/app.yaml": app}, "another model")
    head = proposals.made("promote", "shop", "--to", "dev", "--version", version, base=base)
    assert proposals.verify(head, base=base).code == 0
    assert not list(world.folder.rglob("pwned"))
