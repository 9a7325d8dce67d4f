"""The world of tests/support/argocd_worlds.py once more, with a real Argo CD in it."""

from __future__ import annotations

import contextlib
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from tests.support.argocd_stack import Remote, Stack
from tests.support.argocd_worlds import LABELS, SHOP
from tests.support.relay import Relay, relay

from tidegate.adapters.argocd import ArgoCd, address_of
from tidegate.adapters.argocd.cluster.access import Access
from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.cluster.applications import ClusterApplications
from tidegate.adapters.http import Http
from tidegate.adapters.token import from_text
from tidegate.domain.application import ApplicationName
from tidegate.ports import Applications

ARGOCD = "argoproj.io/v1alpha1"
NAMESPACE = "argocd"
IMAGE = "registry.example.com/shop:4"
_FINALIZER = "resources-finalizer.argocd.argoproj.io"
_DEPLOYMENT = f"""\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: shop}}
spec:
  replicas: 2
  selector: {{matchLabels: {{app: shop}}}}
  template:
    metadata: {{labels: {{app: shop}}}}
    spec:
      containers: [{{name: model, image: '{IMAGE}'}}]
"""
# A hook whose pod waits for its image for ever, so that the sync does not end; and what begins it:
# a hook alone makes no Application out of sync.
_HOOK = """\
apiVersion: batch/v1
kind: Job
metadata:
  name: endless
  annotations: {argocd.argoproj.io/hook: PreSync}
spec:
  template:
    spec:
      restartPolicy: Never
      containers: [{name: check, image: 'registry.example.com/check:never-ready'}]
---
apiVersion: v1
kind: ConfigMap
metadata: {name: news}
"""
_DENY = {
    "kind": "deny",
    "schedule": "* * * * *",
    "duration": "1h",
    "applications": ["*"],
    "manualSync": False,
}


@dataclass
class RealWorld:
    """See FakeWorld. Whatever tests leave is taken away with the world."""

    stack: Stack
    remote: Remote
    wire: Relay
    applications: Applications
    way: str
    shop: ApplicationName = SHOP
    image: str = IMAGE

    def change(self) -> None:
        """Somebody changes what the shop shows."""
        change = {"spec": {"info": [{"name": "by", "value": "hand"}]}}
        self.stack.patch(ARGOCD, "Application", self.shop.name, NAMESPACE, change)

    def occupy(self) -> None:
        """A sync of the shop begins, and doesn't end."""
        change = {"spec": {"source": {"path": "endless"}}}
        self.stack.patch(ARGOCD, "Application", self.shop.name, NAMESPACE, change)

        def is_running() -> bool:
            status = self.stack.application(self.shop.name)["status"]
            return bool(status.get("operationState", {}).get("phase") == "Running")

        self.stack.wait_for(is_running)

    def deny(self) -> None:
        """A sync window forbids syncs now."""
        self.stack.apply(_project(self.shop.project, syncWindows=[_DENY]))

    def add(self, name: str) -> None:
        """Another Application of the project."""
        self.stack.apply(_application(name, self.shop.project, self.remote.url))

    def remove(self, name: str) -> None:
        """Takes an Application away."""
        _delete(self.stack, name)

    def lose(self, name: str) -> None:
        """Takes one away while nobody can see it."""
        self.wire.cut()
        _delete(self.stack, name)
        self.wire.cut()


@contextlib.contextmanager
def real_world(way: str, stack: Stack) -> Iterator[RealWorld]:
    """The shop, seen through Argo CD's API (`api`) or the cluster's (`kubernetes`)."""
    remote = _remote(stack)
    for project in (SHOP.project, "prod"):
        stack.apply(_project(project))
    shop = _application(SHOP.name, SHOP.project, remote.url, labels=LABELS, automated=True)
    stack.apply(shop, _application("other", "prod", remote.url))
    try:
        stack.wait_for(lambda: _is_well(stack.application(SHOP.name)["status"]))
        with relay(urlsplit(stack.url if way == "api" else stack.kubernetes.url).port or 0) as wire:
            yield RealWorld(stack, remote, wire, _applications(way, stack, wire), way)
    finally:
        for name in _names(stack):
            _delete(stack, name)


def _applications(way: str, stack: Stack, wire: Relay) -> Applications:
    if way == "api":
        address = address_of(f"127.0.0.1:{wire.port}", plain_text=True)
        return ArgoCd(address, from_text(stack.token, "the test"))
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    token = stack.kubernetes.token
    access = Access(f"https://127.0.0.1:{wire.port}", trust, lambda: f"Bearer {token}")
    return ClusterApplications(ClusterApi(access, Http(verify=trust)), namespace=NAMESPACE)


def _remote(stack: Stack) -> Remote:
    name = "contract"
    if (stack.folder / f"{name}.git").exists():
        return Remote(stack.folder / f"{name}.git", stack.folder / name)
    remote = stack.remote(name)
    files = {"shop/shop.yaml": _DEPLOYMENT, "endless/shop.yaml": _DEPLOYMENT}
    remote.push({**files, "endless/job.yaml": _HOOK})
    return remote


def _project(name: str, **rest: Any) -> dict[str, Any]:
    spec = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}], **rest}
    spec["clusterResourceWhitelist"] = [{"group": "", "kind": "Namespace"}]
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": ARGOCD, "kind": "AppProject", "metadata": metadata, "spec": spec}


def _application(
    name: str,
    project: str,
    url: str,
    *,
    labels: dict[str, str] | None = None,
    automated: bool = False,
) -> dict[str, Any]:
    policy: dict[str, Any] = {"syncOptions": ["CreateNamespace=true"]}
    if automated:
        policy["automated"] = {"prune": True, "selfHeal": True}
    metadata = {"name": name, "namespace": NAMESPACE, "finalizers": [_FINALIZER]}
    spec = {
        "project": project,
        "source": {"repoURL": url, "path": "shop", "targetRevision": "main"},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
        "syncPolicy": policy,
    }
    metadata["labels"] = labels or {}
    return {"apiVersion": ARGOCD, "kind": "Application", "metadata": metadata, "spec": spec}


def _is_well(status: Any) -> bool:
    phase = status.get("operationState", {}).get("phase")
    found = status["sync"]["status"], status["health"].get("status"), phase
    return found == ("Synced", "Healthy", "Succeeded")


def _names(stack: Stack) -> list[str]:
    projects = {"projects": [SHOP.project, "prod"], "fields": "items.metadata.name"}
    found = stack.api("GET", "applications", params=projects)
    return [item["metadata"]["name"] for item in found["items"] or ()]


def _delete(stack: Stack, name: str) -> None:
    """Returns once it is gone, with all that it applied."""
    path = stack.path(ARGOCD, "Application", {"name": name, "namespace": NAMESPACE})
    stack.kubernetes.client.delete(path)
    stack.wait_for(lambda: stack.get(ARGOCD, "Application", name, NAMESPACE) is None)
