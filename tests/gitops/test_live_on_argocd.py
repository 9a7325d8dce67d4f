"""From the command line to a real Argo CD and real pods: what is live, what isn't, and why."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.support.argocd_stack import Stack
from tests.support.gitops import Answer, World, make_world, sample_files
from tests.support.mlflow_server import (  # noqa: F401
    MlflowStore,
    mlflow_store,
    mlflow_template,
    register,
)

from demo.images import write_image

pytestmark = pytest.mark.xdist_group("argocd")

ARGOCD = "argoproj.io/v1alpha1"
NEVER_READY = "never-ready"
_DENY = {
    "kind": "deny",
    "schedule": "* * * * *",
    "duration": "1h",
    "applications": ["*"],
    "manualSync": False,
}
_NUMBERS = itertools.count(1)
_OVERLAY = "environments/dev/shop/kustomization.yaml"


@dataclass
class Shop:
    """The app `shop` in dev, whose Application, project and namespace are called `name`."""

    world: World
    stack: Stack
    name: str

    def register(self, tag: str | None = None) -> str:
        """A better version than those before, which dev promotes from; its image has that tag."""
        if tag is None:
            return self.world.register("shop", alias="candidate", metrics=self._metrics())
        layout = self.world.folder / "images" / "shop" / "shop"
        write_image(layout, tag, {"numpy": "2.0.0"}, {"model": tag.encode()})
        named = {"tidegate.image": f"{self.world.image('shop')}:{tag}"}
        return register(
            self.world.store.uri, "shop", metrics=self._metrics(), tags=named, alias="candidate"
        )

    def promote(self, tag: str | None = None) -> str:
        """Registers a version and promotes it to dev; the commit."""
        self.register(tag)
        answer = self.world.tidegate("promote", "shop", "--to", "dev")
        assert answer.code == 0, answer.out + answer.err
        return self.world.head()

    def tidegate(self, verb: str, *arguments: str) -> Answer:
        """A verb of the command line on the shop in dev, which answers in JSON."""
        words = (verb, "shop", "--env", "dev", "--format", "json", *arguments)
        return self.world.tidegate(*words, ARGOCD_AUTH_TOKEN=self.stack.token)

    def wait(self, *arguments: str) -> Answer:
        """`wait`, with little patience for what is well."""
        return self.tidegate("wait", "--healthy-for", "1", *arguments)

    def spawn_wait(self, *arguments: str) -> Any:
        """The same as a process of its own."""
        words = ("wait", "shop", "--env", "dev", "--format", "json", "--healthy-for", "1")
        return self.world.spawn(*words, *arguments, ARGOCD_AUTH_TOKEN=self.stack.token)

    def apply(self, **project: Any) -> None:
        """The Application, and the project with more in its spec."""
        spec = {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": self.name, "server": "*"}],
            "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
            **project,
        }
        self.stack.apply(_object("AppProject", self.name, spec))
        labels = {"tidegate.dev/app": "shop", "tidegate.dev/environment": "dev"}
        policy = {
            "automated": {"prune": True, "selfHeal": True},
            "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
        }
        server = "https://kubernetes.default.svc"
        spec = {
            "project": self.name,
            "source": {
                "repoURL": self.world.remote.as_uri(),
                "path": "environments/dev/shop",
                "targetRevision": "main",
            },
            "destination": {"server": server, "namespace": self.name},
            "syncPolicy": policy,
        }
        self.stack.apply(_object("Application", self.name, spec, labels))

    def images(self) -> set[str]:
        """What the pods of the shop run that are ready, as the cluster itself has it."""
        path = f"/api/v1/namespaces/{self.name}/pods"
        pods = self.stack.kubernetes.client.get(path).raise_for_status().json()["items"]
        return {
            container["image"]
            for pod in pods
            for container in pod["status"].get("containerStatuses", ())
            if container["ready"] and "deletionTimestamp" not in pod["metadata"]
        }

    def remove(self) -> None:
        """Takes the Application away, with all that it applied."""
        self.stack.api("DELETE", f"applications/{self.name}", params={"cascade": "true"})

        def is_gone() -> bool:
            return self.stack.get(ARGOCD, "Application", self.name, "argocd") is None

        self.stack.wait_for(is_gone)

    def _metrics(self) -> dict[str, float]:
        versions = len(list((self.world.folder / "images" / "shop" / "shop").glob("blobs/*/*")))
        return {"auc": 0.5 + versions / 1000, "example_count": 1000.0}


def _object(
    kind: str, name: str, spec: dict[str, Any], labels: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "argocd", "labels": labels or {}}
    return {"apiVersion": ARGOCD, "kind": kind, "metadata": metadata, "spec": spec}


@pytest.fixture
def shop(argocd_stack: Stack, tmp_path: Path, mlflow_store: MlflowStore) -> Iterator[Shop]:  # noqa: F811
    name = f"live-{next(_NUMBERS)}"
    files = sample_files(["shop"])
    files[_OVERLAY] = files[_OVERLAY].replace("shop-dev", name)
    world = make_world(tmp_path, mlflow_store, files)
    server = argocd_stack.url.removeprefix("http://")
    settings = world.show("tidegate.yaml")
    settings += f"\nargocd: {{server: '{server}', plainText: true, project: {name}}}\n"
    world.push({"tidegate.yaml": settings}, "where Argo CD is")
    made = Shop(world, argocd_stack, name)
    made.apply()
    yield made
    made.remove()


def outcome(answer: Answer) -> str:
    """How it ended."""
    assert answer.out, answer.err
    (app,) = answer.json["apps"]
    return str(app["outcome"])


def record(shop: Shop) -> str:
    """The image that the record of dev names, as pods have it."""
    image = yaml.safe_load(shop.world.show("environments/dev/shop/release.yaml"))["image"]
    return f"{image['name']}:{image['tag']}@{image['digest']}"


def test_promotions_become_live_one_after_the_other(shop: Shop) -> None:
    for _ in range(3):
        shop.promote()
        answer = shop.wait()
        assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
        assert shop.images() == {record(shop)}


def test_a_sync_that_is_asked_for_is_waited_for(shop: Shop) -> None:
    shop.promote()
    answer = shop.tidegate("sync", "--wait", "--healthy-for", "1")
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}
    dry = shop.tidegate("sync", "--dry-run")
    assert (dry.code, outcome(dry)) == (0, "waiting"), dry.out + dry.err


def test_an_image_that_never_gets_ready_is_not_live(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.promote(NEVER_READY)
    answer = shop.wait("--timeout", "30")
    assert answer.code == 3, answer.out + answer.err
    assert outcome(answer) in ("degraded", "timed_out")
    assert "ImagePullBackOff" in answer.out
    assert shop.images() == runs


def test_a_manifest_that_the_cluster_refuses_fails(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    wrong = shop.world.show("apps/shop/base/deployment.yaml") + "\n  replicas: many\n"
    shop.world.push({"apps/shop/base/deployment.yaml": wrong}, "break it")
    shop.promote()
    answer = shop.wait("--timeout", "120")
    assert (answer.code, outcome(answer)) == (3, "failed"), answer.out + answer.err
    assert shop.images() == runs


def test_a_manifest_that_kustomize_refuses_fails(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.world.push({"apps/shop/base/kustomization.yaml": "resources: [gone.yaml]\n"}, "break it")
    answer = shop.wait("--timeout", "120")
    assert (answer.code, outcome(answer)) == (3, "failed"), answer.out + answer.err
    assert "gone.yaml" in answer.out
    assert shop.images() == runs


def test_a_rollback_is_live_again(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.promote(NEVER_READY)
    assert shop.wait("--timeout", "20").code == 3
    back = shop.tidegate("rollback", "--reason", "never gets ready")
    assert back.code == 0, back.out + back.err
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == runs == {record(shop)}


def test_a_promotion_that_is_overtaken_says_so(shop: Shop) -> None:
    first = shop.promote(NEVER_READY)
    waiting = shop.spawn_wait("--revision", first, "--timeout", "120")
    shop.stack.wait_for(lambda: _phase(shop) == "Succeeded")
    second = shop.promote()
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    out, err = waiting.communicate(timeout=120)
    overtaken = Answer(waiting.returncode, out, err)
    assert (overtaken.code, outcome(overtaken)) == (3, "superseded"), out + err
    (app,) = overtaken.json["apps"]
    assert app["supersededBy"]["revision"] == second
    late = shop.wait("--revision", first)
    assert (late.code, outcome(late)) == (3, "superseded")
    assert shop.images() == {record(shop)}


def test_a_window_that_is_closed_blocks(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    runs = shop.images()
    shop.apply(syncWindows=[_DENY])
    shop.promote()
    answer = shop.wait("--timeout", "60")
    assert (answer.code, outcome(answer)) == (1, "blocked"), answer.out + answer.err
    refused = shop.tidegate("sync", "--wait")
    assert (refused.code, outcome(refused)) == (1, "blocked"), refused.out + refused.err
    assert shop.images() == runs
    shop.apply()
    answer = shop.wait()
    assert (answer.code, outcome(answer)) == (0, "live"), answer.out + answer.err
    assert shop.images() == {record(shop)}


def test_a_controller_that_is_down_never_makes_anything_live(shop: Shop) -> None:
    shop.promote()
    assert shop.wait().code == 0
    controller = shop.stack.servers["argocd-application-controller"]
    shop.promote()
    controller.pause()
    try:
        answer = shop.wait("--timeout", "15")
    finally:
        controller.resume()
    assert (answer.code, outcome(answer)) == (3, "unknown"), answer.out + answer.err
    assert shop.wait().code == 0
    assert shop.images() == {record(shop)}


def _phase(shop: Shop) -> str:
    status = shop.stack.application(shop.name, refresh=False).get("status", {})
    return str(status.get("operationState", {}).get("phase", ""))
