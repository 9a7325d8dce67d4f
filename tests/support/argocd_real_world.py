"""The world of tests/support/argocd_worlds.py once more, with a real Argo CD in it."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from tests.support.argocd_stack import (
    Administration,
    Remote,
    Stack,
    borrow_remote,
    make_remote,
)
from tests.support.argocd_worlds import LABELS, SHOP, SKIP, hydrator
from tests.support.relay import Relay, relay

from tidegate.adapters.argocd import ArgoCd, address_of
from tidegate.adapters.argocd.cluster.access import Access
from tidegate.adapters.argocd.cluster.api import ClusterApi
from tidegate.adapters.argocd.cluster.applications import ClusterApplications
from tidegate.adapters.argocd.token import from_text
from tidegate.adapters.http import Http
from tidegate.domain.application import ApplicationName
from tidegate.ports import Applications

ARGOCD = "argoproj.io/v1alpha1"
NAMESPACE = "argocd"
IMAGE = os.environ.get("TIDEGATE_TEST_IMAGE", "registry.example.com/shop:4")
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

    argocd: Administration
    remote: Remote
    wire: Relay
    applications: Applications
    way: str
    shop: ApplicationName
    other_project: str
    image: str = IMAGE

    def change(self) -> None:
        """Somebody changes what the shop shows."""
        self._patch({"spec": {"info": [{"name": "by", "value": "hand"}]}})

    def lay_over(self) -> None:
        """Somebody has only some of the shop rendered."""
        self._patch({"spec": {"source": {"directory": {"exclude": "none"}}}})

    def hydrate(self) -> None:
        """Somebody has Argo CD write what the shop renders."""
        self._patch({"spec": {"sourceHydrator": hydrator(self.remote.url, self.remote.branch)}})

    def skip(self) -> None:
        """Somebody keeps Argo CD from looking at the shop."""
        self._patch({"metadata": {"annotations": SKIP}})

    def occupy(self) -> None:
        """A sync of the shop begins, and doesn't end."""
        self._patch({"spec": {"source": {"path": "endless"}}})

        def is_running() -> bool:
            status = self.argocd.application(self.shop.name)["status"]
            return bool(status.get("operationState", {}).get("phase") == "Running")

        self.argocd.wait_for(is_running)

    def deny(self) -> None:
        """A sync window forbids syncs now."""
        _put(self.argocd, _project(self.shop.project, syncWindows=[_DENY]))

    def add(self, name: str) -> None:
        """Another Application of the project."""
        _put(self.argocd, _application(name, self.shop.project, self.remote))

    def remove(self, name: str) -> None:
        """Takes an Application away."""
        _delete(self.argocd, name)

    def lose(self, name: str) -> None:
        """Takes one away while nobody can see it."""
        self.wire.cut()
        _delete(self.argocd, name)
        self.wire.cut()

    def _patch(self, change: dict[str, Any]) -> None:
        body = {"name": self.shop.name, "patch": json.dumps(change), "patchType": "merge"}
        self.argocd.api("PATCH", f"applications/{self.shop.name}", json=body)


@contextlib.contextmanager
def stack_world(way: str, stack: Stack) -> Iterator[RealWorld]:
    """The shop on a stack of ours, through Argo CD's API (`api`) or the cluster's
    (`kubernetes`)."""
    remote = _remote(stack.folder)
    with relay(stack.url if way == "api" else stack.kubernetes.url) as wire:
        if way == "api":
            seen: Applications = _through(wire, stack.token, plain_text=True)
        else:
            trust, token = trust_anybody(), stack.kubernetes.token
            access = Access(f"https://127.0.0.1:{wire.port}", trust, lambda: f"Bearer {token}")
            seen = ClusterApplications(ClusterApi(access, Http(verify=trust)), namespace=NAMESPACE)
        with _shop(stack, remote, "", wire, seen, way) as world:
            yield world


@contextlib.contextmanager
def given_world(folder: Path) -> Iterator[RealWorld]:
    """The shop on the Argo CD that ARGOCD_SERVER names, with names of its own. Skips where there
    is none, or none that could read a repository of ours."""
    server, token = os.environ.get("ARGOCD_SERVER"), os.environ.get("ARGOCD_AUTH_TOKEN")
    if not server or not token:
        pytest.skip("ARGOCD_SERVER and ARGOCD_AUTH_TOKEN name no Argo CD")
    mark = f"contract-{secrets.token_hex(4)}"
    with (
        httpx.Client(timeout=60, trust_env=False, verify=trust_anybody()) as client,
        _given_remote(folder, server, mark) as remote,
    ):
        argocd, scheme = Administration(), _scheme(server)
        argocd.log_in(f"{scheme}://{server}", token, client)
        with relay(argocd.url) as wire:
            seen = _through(wire, token, plain_text=scheme == "http")
            with _shop(argocd, remote, f"{mark}-", wire, seen, "api") as world:
                yield world


@contextlib.contextmanager
def _given_remote(folder: Path, server: str, branch: str) -> Iterator[Remote]:
    """A branch of its own in TIDEGATE_TEST_REPOSITORY, or a repository of this machine for an
    Argo CD of this machine."""
    address = os.environ.get("TIDEGATE_TEST_REPOSITORY")
    if not address and urlsplit(f"//{server}").hostname not in ("127.0.0.1", "localhost"):
        pytest.skip(f"TIDEGATE_TEST_REPOSITORY names no repository that {server} can read")
    if not address:
        yield _remote(folder)
        return
    remote = borrow_remote(folder, address, branch)
    _fill(remote)
    try:
        yield remote
    finally:
        remote.git("push", "-q", "origin", f":refs/heads/{branch}")


@contextlib.contextmanager
def _shop(
    argocd: Administration, remote: Remote, mark: str, wire: Relay, seen: Applications, way: str
) -> Iterator[RealWorld]:
    shop = ApplicationName(f"{mark}{SHOP.name}", f"{mark}{SHOP.project}")
    other = f"{mark}prod"
    projects = [shop.project, other]
    try:
        for project in projects:
            _put(argocd, _project(project))
        made = _application(shop.name, shop.project, remote, labels=LABELS, automated=True)
        _put(argocd, made)
        _put(argocd, _application(f"{mark}other", other, remote))
        argocd.wait_for(lambda: _is_well(argocd.application(shop.name).get("status", {})))
        yield RealWorld(argocd, remote, wire, seen, way, shop, other)
    finally:
        for name in _names(argocd, projects):
            _delete(argocd, name)
        for project in projects:
            argocd.api("DELETE", f"projects/{project}")


def _through(wire: Relay, token: str, *, plain_text: bool) -> ArgoCd:
    address = address_of(f"127.0.0.1:{wire.port}", plain_text=plain_text)
    if not plain_text:
        address = replace(address, verify=trust_anybody())
    return ArgoCd(address, from_text(token, "the test"))


def trust_anybody() -> ssl.SSLContext:
    """For servers of tests, whose certificates nobody vouches for."""
    trust = ssl.create_default_context()
    trust.check_hostname = False
    trust.verify_mode = ssl.CERT_NONE
    return trust


def _scheme(server: str) -> str:
    try:
        httpx.get(f"https://{server}/api/version", verify=trust_anybody(), trust_env=False)
    except httpx.ConnectError:
        return "http"
    return "https"


def _remote(folder: Path) -> Remote:
    name = "contract"
    if (folder / f"{name}.git").exists():
        return Remote(folder / f"{name}.git", folder / name)
    remote = make_remote(folder, name)
    _fill(remote)
    return remote


def _fill(remote: Remote) -> None:
    files = {"shop/shop.yaml": _DEPLOYMENT, "endless/shop.yaml": _DEPLOYMENT}
    remote.push({**files, "endless/job.yaml": _HOOK})


def _put(argocd: Administration, document: dict[str, Any]) -> None:
    """Makes a project or an Application, or changes it."""
    if document["kind"] == "AppProject":
        argocd.api("POST", "projects", json={"project": document, "upsert": True})
    else:
        argocd.api("POST", "applications", params={"upsert": "true"}, json=document)


def _project(name: str, **rest: Any) -> dict[str, Any]:
    spec = {"sourceRepos": ["*"], "destinations": [{"namespace": "*", "server": "*"}], **rest}
    spec["clusterResourceWhitelist"] = [{"group": "", "kind": "Namespace"}]
    metadata = {"name": name, "namespace": NAMESPACE}
    return {"apiVersion": ARGOCD, "kind": "AppProject", "metadata": metadata, "spec": spec}


def _application(
    name: str,
    project: str,
    remote: Remote,
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
        "source": {"repoURL": remote.url, "path": "shop", "targetRevision": remote.branch},
        "destination": {"server": "https://kubernetes.default.svc", "namespace": name},
        "syncPolicy": policy,
    }
    metadata["labels"] = labels or {}
    return {"apiVersion": ARGOCD, "kind": "Application", "metadata": metadata, "spec": spec}


def _is_well(status: Any) -> bool:
    phase = status.get("operationState", {}).get("phase")
    found = status["sync"]["status"], status["health"].get("status"), phase
    return found == ("Synced", "Healthy", "Succeeded")


def _names(argocd: Administration, projects: list[str]) -> list[str]:
    query = {"projects": projects, "fields": "items.metadata.name"}
    found = argocd.api("GET", "applications", params=query)
    return [item["metadata"]["name"] for item in found["items"] or ()]


def _delete(argocd: Administration, name: str) -> None:
    """Returns once it is gone, with all that it applied. The controller may miss that, as it may
    miss refreshes: each of these is another reason for it to look."""
    # One that Argo CD was told to skip would stay for ever.
    looked_at = {"metadata": {"annotations": dict.fromkeys(SKIP)}}
    body = {"name": name, "patch": json.dumps(looked_at), "patchType": "merge"}
    argocd.api("PATCH", f"applications/{name}", json=body)
    argocd.api("DELETE", f"applications/{name}", params={"cascade": "true"})
    kinds = itertools.cycle(["normal", "hard"])

    def is_gone() -> bool:
        try:
            argocd.api("GET", f"applications/{name}", params={"refresh": next(kinds)}, timeout=3)
        except httpx.ReadTimeout:
            return False
        except httpx.HTTPStatusError as error:
            return error.response.status_code in (403, 404)
        return False

    argocd.wait_for(is_gone)
