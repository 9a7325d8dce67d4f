"""Many Applications on a real Argo CD: promoted in one commit, and waited for on one stream.

TIDEGATE_TEST_APPS says how many, `--log-cli-level=info` shows what they take."""

from __future__ import annotations

import logging
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.support.argocd_stack import Stack
from tests.support.gitops import World, make_world, sample_files
from tests.support.mlflow_server import MlflowStore, mlflow_store, mlflow_template  # noqa: F401

pytestmark = pytest.mark.xdist_group("argocd")

NUMBER = int(os.environ.get("TIDEGATE_TEST_APPS", "10"))
PROJECT = "many"
_LOG = logging.getLogger(__name__)
APPS = [f"many-{number}" for number in range(NUMBER)]
ARGOCD = "argoproj.io/v1alpha1"
_GATES = dict.fromkeys(("dev", "staging", "prod"), "  - {gate: champion}\n")
# For each app, on a machine that does much else.
_SECONDS = 12


@dataclass
class Many:
    """All apps, each with an Application and a namespace of its own."""

    world: World
    stack: Stack

    def register(self) -> None:
        """A better version of each model."""
        for app in APPS:
            tried = len(list((self.world.folder / "images" / "shop" / app).glob("blobs/*/*")))
            metrics = {"auc": 0.5 + tried / 1000, "example_count": 1000.0}
            self.world.register(app, metrics=metrics, alias="candidate")

    def make_applications(self) -> None:
        """What an ApplicationSet would make."""
        for app in APPS:
            self.stack.apply(_application(app, self.world.remote.as_uri()))

    def run(self, *arguments: str) -> tuple[subprocess.CompletedProcess[str], str]:
        """A command as a process of its own, and what it took."""
        server = self.stack.url.removeprefix("http://")
        environ = {"ARGOCD_SERVER": server, "ARGOCD_AUTH_TOKEN": self.stack.token}
        before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        done = subprocess.run(
            [sys.executable, "-c", _MEASURED, *arguments],
            cwd=self.world.clone,
            env=os.environ | self.world.environ | environ,
            capture_output=True,
            text=True,
            check=False,
        )
        after, seconds = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic() - begun
        processor = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        memory = done.stderr.rpartition("MiB ")[2].strip()
        took = f"{arguments[0]} of {NUMBER}: {seconds:.0f} s, {processor:.1f} s of a core, {memory}"
        return done, f"{took} MiB"


# Of its own memory, without what the binaries take that it starts.
_MEASURED = """
import resource, sys
from tidegate.cli.main import main
code = main(sys.argv[1:])
sys.stderr.write(f"MiB {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024}")
sys.exit(code)
"""


def _application(app: str, url: str) -> dict[str, Any]:
    labels = {"tidegate.dev/app": app, "tidegate.dev/environment": "dev"}
    source = {"repoURL": url, "path": f"environments/dev/{app}", "targetRevision": "main"}
    policy = {
        "automated": {"prune": True, "selfHeal": True},
        "syncOptions": ["CreateNamespace=true", "ServerSideApply=true"],
    }
    server = "https://kubernetes.default.svc"
    spec = {
        "project": PROJECT,
        "source": source,
        "destination": {"server": server, "namespace": f"{app}-dev"},
        "syncPolicy": policy,
    }
    metadata = {"name": f"{app}-dev", "namespace": "argocd", "labels": labels}
    return {"apiVersion": ARGOCD, "kind": "Application", "metadata": metadata, "spec": spec}


@pytest.fixture
def many(argocd_stack: Stack, tmp_path: Path, mlflow_store: MlflowStore) -> Iterator[Many]:  # noqa: F811
    world = make_world(tmp_path, mlflow_store, sample_files(APPS, _GATES))
    settings = world.show("tidegate.yaml")
    settings += f"\nargocd: {{plainText: true, project: {PROJECT}}}\n"
    world.push({"tidegate.yaml": settings}, "how Argo CD is spoken to")
    metadata = {"name": PROJECT, "namespace": "argocd"}
    spec = {
        "sourceRepos": ["*"],
        "destinations": [{"namespace": "many-*", "server": "*"}],
        "clusterResourceWhitelist": [{"group": "", "kind": "Namespace"}],
    }
    argocd_stack.apply(
        {"apiVersion": ARGOCD, "kind": "AppProject", "metadata": metadata, "spec": spec}
    )
    yield Many(world, argocd_stack)
    for app in APPS:
        argocd_stack.api("DELETE", f"applications/{app}-dev", params={"cascade": "false"})


def test_all_of_one_commit_become_live(many: Many) -> None:
    many.register()
    promoted, _ = many.run("promote", *APPS, "--to", "dev", "--timeout", "1h")
    assert promoted.returncode == 0, promoted.stdout + promoted.stderr
    many.make_applications()
    words = (
        "wait",
        *APPS,
        "--env",
        "dev",
        "--format",
        "json",
        "--timeout",
        f"{60 + NUMBER * _SECONDS}s",
    )
    first, took = many.run(*words)
    assert first.returncode == 0, first.stdout + first.stderr
    many.register()
    promoted, promotion = many.run("promote", *APPS, "--to", "dev", "--timeout", "1h")
    assert promoted.returncode == 0, promoted.stdout + promoted.stderr
    second, again = many.run(*words)
    assert second.returncode == 0, second.stdout + second.stderr
    for line in (took, promotion, again):
        _LOG.info(line)
