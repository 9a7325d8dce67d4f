"""An app on a real Argo CD, driven from the command line.

from tests.support.live_shop import Shop, open_shop
"""

from __future__ import annotations

import contextlib
import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from tests.support.argocd_stack import Stack
from tests.support.gitops import Answer, World, make_world, sample_files
from tests.support.mlflow_server import MlflowStore, register

from demo.images import write_image

ARGOCD = "argoproj.io/v1alpha1"
NEVER_READY = "never-ready"
ROLE = "pipeline"
DENY = {
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
    """The app `shop` in dev, whose Application, project and namespace are called `name`. `environ`
    says where Argo CD is, and who asks."""

    world: World
    stack: Stack
    name: str
    environ: dict[str, str]

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

    def tidegate(self, verb: str, *arguments: str, **environ: str) -> Answer:
        """A verb of the command line on the shop in dev, which answers in JSON."""
        words = (verb, "shop", "--env", "dev", "--format", "json", *arguments)
        return self.world.tidegate(*words, **(environ or self.environ))

    def wait(self, *arguments: str, **environ: str) -> Answer:
        """`wait`, with little patience for what is well."""
        return self.tidegate("wait", "--healthy-for", "1", *arguments, **environ)

    def spawn_wait(self, *arguments: str, **environ: str) -> Any:
        """The same as a process of its own."""
        words = ("wait", "shop", "--env", "dev", "--format", "json", "--healthy-for", "1")
        return self.world.spawn(*words, *arguments, **(environ or self.environ))

    def issue_token(self) -> tuple[int, str]:
        """A new token of the project's pipeline: when it was issued, and what it is."""
        token = self.stack.project_token(self.name, ROLE)
        issued = self.stack.api("GET", f"projects/{self.name}")["status"]["jwtTokensByRole"]
        return int(issued[ROLE]["items"][-1]["iat"]), token

    def revoke_token(self, issued: int) -> None:
        """Takes a token of the pipeline away."""
        self.stack.api("DELETE", f"projects/{self.name}/roles/{ROLE}/token/{issued}")

    def apply(self, **project: Any) -> None:
        """The Application, and the project with more in its spec."""
        spec = {
            "sourceRepos": ["*"],
            "destinations": [{"namespace": self.name, "server": "*"}],
            "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
            "roles": [{"name": ROLE, "policies": [*_policies(self.name)]}],
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

    def patch_autoscaler(self, status: dict[str, Any]) -> None:
        """Says what the autoscaler's controller would."""
        path = f"/apis/autoscaling/v2/namespaces/{self.name}/horizontalpodautoscalers/shop/status"
        self.stack.kubernetes.client.patch(
            path,
            content=json.dumps({"status": status}),
            headers={"Content-Type": "application/merge-patch+json"},
        ).raise_for_status()

    def remove(self) -> None:
        """Takes the Application away, with all that it applied."""
        self.stack.api("DELETE", f"applications/{self.name}", params={"cascade": "true"})

        def is_gone() -> bool:
            return self.stack.get(ARGOCD, "Application", self.name, "argocd") is None

        self.stack.wait_for(is_gone)

    def _metrics(self) -> dict[str, float]:
        versions = len(list((self.world.folder / "images" / "shop" / "shop").glob("blobs/*/*")))
        return {"auc": 0.5 + versions / 1000, "example_count": 1000.0}


def _policies(project: str) -> Iterator[str]:
    """What docs/going-live.md gives a pipeline."""
    for action in ("get", "sync"):
        yield f"p, proj:{project}:{ROLE}, applications, {action}, {project}/*, allow"


def _object(
    kind: str, name: str, spec: dict[str, Any], labels: dict[str, str] | None = None
) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "argocd", "labels": labels or {}}
    return {"apiVersion": ARGOCD, "kind": kind, "metadata": metadata, "spec": spec}


@contextlib.contextmanager
def open_shop(stack: Stack, folder: Path, store: MlflowStore) -> Iterator[Shop]:
    """A shop that was never promoted. It ends with the context, with all that it applied."""
    name = f"live-{next(_NUMBERS)}"
    files = sample_files(["shop"])
    files[_OVERLAY] = files[_OVERLAY].replace("shop-dev", name)
    world = make_world(folder, store, files)
    settings = world.show("tidegate.yaml")
    settings += f"\nargocd: {{plainText: true, project: {name}}}\n"
    world.push({"tidegate.yaml": settings}, "how Argo CD is spoken to")
    server = stack.url.removeprefix("http://")
    environ = {"ARGOCD_SERVER": server, "ARGOCD_AUTH_TOKEN": stack.token}
    made = Shop(world, stack, name, environ)
    made.apply()
    try:
        yield made
    finally:
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
