"""This repository's own environments, apps and policies in a remote that a real Argo CD reads."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from tests.support.argocd_stack import Remote, Stack

ROOT = Path(__file__).parents[2]
DIGEST = "sha256:" + "5" * 64
EVIDENCE = f"sha256:{hashlib.sha256(b'{}').hexdigest()}"  # none but its own digest
ARGOCD = "argoproj.io/v1alpha1"
DIGITS = "digits-dev"
RECOMMENDER = "recommender-staging"
WELL = ("Synced", "Healthy")
_SAMPLE = "https://github.com/example/models.git"
_LOOK = "argocd.argoproj.io/application-set-refresh"
_MONITOR = "servicemonitors.monitoring.coreos.com"
_RELEASE = """\
apiVersion: tidegate.dev/v1
kind: Release
app: {app}
environment: {environment}
model: {{name: {app} by hand, version: "{version}"}}
image: {{name: {image}, tag: v{version}, digest: "{digest}"}}
evidence: {{digest: "{evidence}"}}
"""


class Place(NamedTuple):
    """A stack of its own, for these files make projects of everybody's names."""

    stack: Stack
    remote: Remote

    def status(self, name: str) -> tuple[str, str]:
        """Sync and health status, after a refresh."""
        status = self.stack.application(name)["status"]
        return status["sync"]["status"], status["health"].get("status", "")

    def settles(self, name: str, revision: str, *, healthy: bool = True) -> None:
        """Returns once the Application is well at a commit, or only synced: where there are no
        metrics an autoscaler never gets healthy."""

        def at_revision() -> bool:
            status = self.stack.application(name)["status"]
            sync, health = status["sync"], status["health"].get("status", "")
            well = sync["status"] == WELL[0] and (not healthy or health == WELL[1])
            return well and sync["revision"] == revision

        self.stack.wait_for(at_revision)

    def names(self) -> set[str]:
        """Every Application that there is."""
        found = self.stack.api("GET", "applications", params={"fields": "items.metadata.name"})
        return {item["metadata"]["name"] for item in found["items"] or ()}

    def deployment(self, app: str, environment: str) -> Any:
        """The app's Deployment; None where there is none."""
        return self.stack.get("apps/v1", "Deployment", app, f"{app}-{environment}")


def publish(stack: Stack, name: str) -> Remote:
    """A remote with this repository's files, whose addresses are its own."""
    remote = stack.remote(name)
    for folder in ("apps", "environments", "policies"):
        shutil.copytree(ROOT / folder, remote.clone / folder)
    bootstrap = remote.clone / "environments" / "bootstrap.yaml"
    text = bootstrap.read_text("utf-8")
    assert text.count(_SAMPLE) == 2
    bootstrap.write_text(text.replace(_SAMPLE, remote.url), "utf-8")
    remote.commit("everything")
    return remote


def release(remote: Remote, app: str, environment: str, version: str, tag: str = "") -> None:
    """Writes what a promotion would; nothing is committed."""
    folder = remote.clone / "environments" / environment / app
    overlay = folder / "kustomization.yaml"
    document = yaml.safe_load(overlay.read_text("utf-8"))
    (image,) = document["images"]
    image |= {"newTag": tag or f"v{version}", "digest": DIGEST}
    document["labels"][0]["pairs"]["app.kubernetes.io/version"] = version
    overlay.write_text(yaml.safe_dump(document), "utf-8")
    words = {"app": app, "environment": environment, "version": version, "digest": DIGEST}
    words["evidence"] = EVIDENCE
    (folder / "release.yaml").write_text(_RELEASE.format(image=image["name"], **words), "utf-8")


def bootstrap(remote: Remote) -> list[Any]:
    """What `kubectl apply --filename environments/bootstrap.yaml` applies."""
    text = (remote.clone / "environments" / "bootstrap.yaml").read_text("utf-8")
    return list(yaml.safe_load_all(text))


def ask_for_releases(stack: Stack, environment: str) -> None:
    """Has the ApplicationSet look into Git now, as a webhook would."""
    for said in (None, "true"):  # where it is asked already, to ask again changes nothing
        change = {"metadata": {"annotations": {_LOOK: said}}}
        stack.patch(ARGOCD, "ApplicationSet", environment, "argocd", change)


def look_for_releases(stack: Stack, environment: str) -> None:
    """The same; returns once it has, which it never does where a release can't be read."""
    ask_for_releases(stack, environment)

    def has_looked() -> bool:
        found = stack.get(ARGOCD, "ApplicationSet", environment, "argocd")
        return _LOOK not in (found["metadata"].get("annotations") or {})

    stack.wait_for(has_looked)


def monitor_kind() -> dict[str, Any]:
    """The kind ServiceMonitor, with any fields: the Prometheus operator isn't part of the stack."""
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    names = {"plural": "servicemonitors", "kind": "ServiceMonitor", "singular": "servicemonitor"}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": _MONITOR},
        "spec": {
            "group": "monitoring.coreos.com",
            "scope": "Namespaced",
            "names": names,
            "versions": [version],
        },
    }
