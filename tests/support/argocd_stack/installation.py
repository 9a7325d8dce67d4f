"""What Argo CD finds in its namespace before it starts: its own kinds, settings and secrets."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml
from tests.support.apiserver import ApiServer
from tests.support.processes import find

NAMESPACE = "argocd"
PASSWORD = "tests-only"
# bcrypt of PASSWORD; it protects nothing.
_HASH = "$2b$05$UOFOioEGt4O5whNdwdZozuWeK.id5Rx44cRTCo/a7ZubrjderKwgy"
_POLLS, _POLL_SECONDS = 600, 0.1
_KINDS = ("application-crd.yaml", "applicationset-crd.yaml", "appproject-crd.yaml")
_LABELS = {"app.kubernetes.io/part-of": "argocd"}
_SETTINGS: dict[str, dict[str, str]] = {
    # Nothing is refreshed without being asked, so that tests see what they cause.
    "argocd-cm": {
        "application.instanceLabelKey": "app.kubernetes.io/instance",
        "timeout.reconciliation": "1h",
        "resource.exclusions": yaml.safe_dump(
            [
                {"apiGroups": ["", "discovery.k8s.io"], "kinds": ["Endpoints", "EndpointSlice"]},
                {"apiGroups": ["coordination.k8s.io"], "kinds": ["Lease"]},
            ]
        ),
    },
    "argocd-rbac-cm": {},
    "argocd-cmd-params-cm": {},
    "argocd-ssh-known-hosts-cm": {"ssh_known_hosts": ""},
    "argocd-tls-certs-cm": {},
    "argocd-gpg-keys-cm": {},
}
_SECRETS: dict[str, dict[str, str]] = {
    "argocd-secret": {
        "admin.password": _HASH,
        "admin.passwordMtime": "2026-01-01T00:00:00Z",
        "server.secretkey": "for-tests-only",
    },
    "argocd-redis": {"auth": ""},
}


def kinds_folder() -> Path | None:
    """Where Argo CD's three CustomResourceDefinitions lie; None where they don't."""
    named = os.environ.get("ARGOCD_CRDS")
    folder = Path(named) if named else find("argocd-crds")
    if folder is None or not all((folder / name).is_file() for name in _KINDS):
        return None
    return folder


def kinds(folder: Path) -> Iterator[dict[str, Any]]:
    """The three definitions."""
    for name in _KINDS:
        yield yaml.load((folder / name).read_bytes(), yaml.CSafeLoader)


def wait_until_served(api: ApiServer, kind: Mapping[str, Any]) -> None:
    """Returns once the API server serves a definition's kind. Raises AssertionError where it
    doesn't within a minute."""
    spec = kind["spec"]
    version, name = f"{spec['group']}/{spec['versions'][0]['name']}", spec["names"]["kind"]
    for _ in range(_POLLS):
        if api.path(version, name, "default"):
            return
        time.sleep(_POLL_SECONDS)
    raise AssertionError(f"the API server doesn't serve {name} of {version}")


def objects() -> Iterator[dict[str, Any]]:
    """The namespace and everything in it."""
    yield {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}}
    for name, data in _SETTINGS.items():
        yield _object("v1", "ConfigMap", name, data=data)
    for name, secret in _SECRETS.items():
        yield _object("v1", "Secret", name, stringData=secret)
    everything = {"group": "*", "kind": "*"}
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "*", "server": "*"}],
        "clusterResourceWhitelist": [everything],
    }
    yield _object("argoproj.io/v1alpha1", "AppProject", "default", spec=spec)


def _object(version: str, kind: str, name: str, **rest: Any) -> dict[str, Any]:
    metadata = {"name": name, "namespace": NAMESPACE, "labels": _LABELS}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, **rest}
