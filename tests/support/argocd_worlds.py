"""An Argo CD with one Application, the shop, for what any of them must do: the small one here."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.argocd import TOKEN, FakeArgoCd
from tests.support.argocd_answers import application
from tests.support.argocd_cluster import FakeCluster, pod_objects

from tidegate.adapters.argocd import ArgoCd, address_of
from tidegate.adapters.argocd.cluster import open_applications
from tidegate.adapters.token import from_text
from tidegate.domain.application import ApplicationName
from tidegate.ports import Applications

SHOP = ApplicationName("shop-dev", "dev")
LABELS = {"tidegate.dev/app": "shop"}
SKIP = {"argocd.argoproj.io/skip-reconcile": "true"}


@dataclass
class FakeWorld:
    """The shop is synced and healthy, with a Deployment of two pods, in the project `dev`."""

    argocd: FakeArgoCd
    cluster: FakeCluster
    applications: Applications
    way: str
    shop: ApplicationName = SHOP
    other_project: str = "prod"
    image: str = "registry.example.com/shop:4"

    def change(self) -> None:
        """Somebody changes what the shop shows."""
        self.argocd.change(self.shop.name, _degrade)

    def lay_over(self) -> None:
        """Somebody has only some of the shop rendered."""
        self.argocd.change(self.shop.name, _lay_over)

    def hydrate(self) -> None:
        """Somebody has Argo CD write what the shop renders."""
        self.argocd.change(self.shop.name, _hydrate)

    def skip(self) -> None:
        """Somebody keeps Argo CD from looking at the shop."""
        self.argocd.change(self.shop.name, lambda d: d["metadata"].update(annotations=SKIP))

    def occupy(self) -> None:
        """A sync of the shop begins, and doesn't end."""
        self.argocd.change(self.shop.name, _begin)

    def deny(self) -> None:
        """A sync window forbids syncs now."""
        window = {"kind": "deny", "schedule": "* * * * *", "duration": "1h", "manualSync": False}
        self.argocd.windows = (window,)

    def add(self, name: str) -> None:
        """Another Application of the project."""
        self.argocd.put(application(name))

    def remove(self, name: str) -> None:
        """Takes an Application away."""
        self.argocd.delete(name)

    def lose(self, name: str) -> None:
        """Takes one away while nobody can see it."""
        self.argocd.delete(name, quietly=True)
        self.cluster.forget()
        self.cluster.end_streams()
        self.argocd.end_streams()


@contextlib.contextmanager
def fake_world(way: str, folder: Path) -> Iterator[FakeWorld]:
    """The shop, seen through Argo CD's API (`api`) or the cluster's (`kubernetes`)."""
    with FakeArgoCd() as argocd, FakeCluster(argocd) as cluster:
        argocd.on_sync = _finish
        argocd.put(application("shop-dev", labels=LABELS))
        argocd.put(application("other", project="prod"))
        cluster.objects |= pod_objects("shop-dev")
        argocd.below |= _below(cluster)
        if way == "api":
            address = address_of(argocd.server, plain_text=True)
            applications: Applications = ArgoCd(address, from_text(TOKEN, "the test"))
        else:
            env = {"KUBECONFIG": str(cluster.kubeconfig(folder))}
            applications = open_applications(
                "fake", env, namespace="argocd", remaining=lambda: 600.0
            )
        yield FakeWorld(argocd, cluster, applications, way)


def _degrade(document: Any) -> None:
    document["status"]["health"] = {"status": "Degraded", "message": "crash loop"}


def _lay_over(document: Any) -> None:
    document["spec"]["source"]["directory"] = {"exclude": "none"}


def hydrator(address: str, branch: str) -> dict[str, Any]:
    """What has Argo CD render the shop of a repository, and write that to another branch."""
    dry = {"repoURL": address, "path": "shop", "targetRevision": branch}
    return {"drySource": dry, "syncSource": {"targetBranch": "hydrated", "path": "shop"}}


def _hydrate(document: Any) -> None:
    spec = document["spec"]
    spec["sourceHydrator"] = hydrator(spec["source"]["repoURL"], "main")


def _begin(document: Any) -> None:
    document["operation"] = {"sync": {}}
    document["status"]["operationState"] = {"phase": "Running", "operation": {"sync": {}}}


def _finish(document: Any) -> None:
    """What the controller does with a sync."""
    operation = document.pop("operation")
    revision = document["status"]["sync"]["revision"]
    document["status"]["operationState"] = {
        "operation": operation,
        "phase": "Succeeded",
        "message": "successfully synced (all tasks run)",
        "syncResult": {"revision": revision, "source": document["spec"]["source"]},
        "startedAt": "2026-11-22T11:00:00Z",
        "finishedAt": "2026-11-22T11:00:01Z",
    }


def _below(cluster: FakeCluster) -> dict[tuple[str, str], Any]:
    """What Argo CD says of the same pods."""
    nodes = []
    for pod in cluster.objects["/api/v1/namespaces/shop-dev/pods"]:
        metadata = pod["metadata"]
        (owner,) = metadata["ownerReferences"]
        parent = {"group": "apps", "kind": "ReplicaSet", "name": owner["name"]}
        nodes.append(
            {
                "version": "v1",
                "kind": "Pod",
                "namespace": metadata["namespace"],
                "name": metadata["name"],
                "uid": metadata["uid"],
                "parentRefs": [{**parent, "namespace": metadata["namespace"]}],
                "images": [container["image"] for container in pod["spec"]["containers"]],
                "health": {"status": "Healthy"},
                "info": [
                    {"name": "Status Reason", "value": "Running"},
                    {"name": "Containers", "value": "1/1"},
                ],
            }
        )
    live = '{"kind": "Deployment", "metadata": {"name": "shop", "namespace": "shop-dev"}}'
    item = {"group": "apps", "kind": "Deployment", "namespace": "shop-dev", "name": "shop"}
    states = {"liveState": live, "normalizedLiveState": live, "targetState": live}
    return {
        ("shop-dev", "resource-tree"): {"nodes": nodes},
        ("shop-dev", "managed-resources"): {
            "items": [{**item, **states, "predictedLiveState": live}]
        },
    }
