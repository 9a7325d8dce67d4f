"""A whole world for end-to-end tests, of real parts: a bare Git remote with clones, an MLflow
store, a mirror of OCI layouts, a Trivy database, and the command line itself.

from tests.support.gitops import World, world  # noqa: F401
from tests.support.mlflow_server import mlflow_store  # noqa: F401

def test_it(world):
    world.register("shop", metrics={"auc": 0.9}, alias="candidate")
    assert world.tidegate("promote", "shop", "--to", "dev").code == 0
"""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from tests.support.commands import Command
from tests.support.mlflow_server import MlflowStore, register

from demo.images import write_image
from demo.trivy_db import Advisory, write_database
from tidegate.cli.main import main

REGISTRY = "registry.example.com"
VULNERABLE = Advisory("CVE-2023-50447", "pillow", "CRITICAL", ("<10.2.0",), ("10.2.0",))
BINARIES = Path(sys.executable).parent

_APP = """\
apiVersion: tidegate.dev/v1
kind: App
owners: [team-shop]
labels: {{tier: online}}
model: {model}
image: {image}
metrics:
  - {{name: auc, direction: higher}}
"""
_BASE = """\
resources: [deployment.yaml]
"""
_DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {{name: {app}}}
spec:
  selector: {{matchLabels: {{app: {app}}}}}
  template:
    metadata: {{labels: {{app: {app}}}}}
    spec:
      containers:
        - {{name: model, image: {image}}}
"""
_OVERLAY = """\
# An overlay of a test.
namespace: {app}-{environment}
resources:
  - ../../../apps/{app}/base
images:
  - name: {image}
    newTag: "0"  # the tag
labels:
  - pairs:
      app.kubernetes.io/version: "0"
    fields:
      - {{path: spec/template/metadata/labels, create: true, kind: Deployment}}
"""
_ENVIRONMENT = """\
apiVersion: tidegate.dev/v1
kind: Environment
promotesFrom: {{{source}}}
gates:
{gates}"""
GATES = {
    "dev": "  - {gate: render}\n  - {gate: champion, margin: {absolute: 0.01}}\n",
    "staging": "  - {gate: order}\n  - {gate: champion}\n",
    "prod": "  - {gate: order}\n  - {gate: champion}\n  - {gate: scan, highest: HIGH}\n",
}
SOURCES = {"dev": "alias: candidate", "staging": "environment: dev", "prod": "environment: staging"}

# Nothing here gets old enough to be tidied up, and looking whether it has costs processes.
_GITCONFIG = """\
[user]
\tname = Ann
\temail = ann@example.com
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
[maintenance]
\tauto = false
[receive]
\tautogc = false
"""


@dataclass(frozen=True)
class Answer:
    """What the command line said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, as the one JSON document that it must be."""
        return json.loads(self.out)

    def outcomes(self) -> dict[str, str]:
        """Each app's outcome, of a promotion's JSON report."""
        return {app["app"]: app["outcome"] for app in self.json["apps"]}

    def gates(self, app: str) -> dict[str, str]:
        """Each gate's status, likewise."""
        found = next(item for item in self.json["apps"] if item["app"] == app)
        return {gate["gate"]: gate["status"] for gate in found["gates"]}


@dataclass
class World:
    """`clone` is where commands run; `files` are what the first commit holds."""

    folder: Path
    store: MlflowStore
    environ: dict[str, str] = field(default_factory=dict)

    @property
    def remote(self) -> Path:
        return self.folder / "remote.git"

    @property
    def clone(self) -> Path:
        return self.folder / "clone"

    def image(self, app: str) -> str:
        """The name of an app's image."""
        return f"{REGISTRY}/shop/{app}"

    def git(self, *arguments: str, cwd: Path | None = None, check: bool = True) -> str:
        """What git prints, run in the clone or elsewhere."""
        answer = subprocess.run(
            ["git", *arguments],
            cwd=cwd or self.clone,
            env=os.environ | self.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not check or answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def write(self, files: Mapping[str, str | bytes], *, cwd: Path | None = None) -> None:
        """Writes files into a clone's work tree."""
        for path, content in files.items():
            target = (cwd or self.clone) / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content if isinstance(content, bytes) else content.encode())

    def push(
        self, files: Mapping[str, str | bytes | None], message: str = "change", clone: str = "other"
    ) -> str:
        """Commits to the remote's branch from another clone, as another person would."""
        place = self.folder / clone
        if not place.exists():
            self.git("clone", "-q", str(self.remote), str(place), cwd=self.folder)
        elif self.git("rev-parse", "HEAD", cwd=place) != self.head():
            self.git("pull", "-q", "--ff-only", cwd=place)
        for path in [path for path, content in files.items() if content is None]:
            self.git("rm", "-rq", path, cwd=place)
        self.write({k: v for k, v in files.items() if v is not None}, cwd=place)
        self.git("add", "-A", cwd=place)
        self.git("commit", "-q", "-m", message, cwd=place)
        self.git("push", "-q", "origin", "HEAD:main", cwd=place)
        return self.git("rev-parse", "HEAD", cwd=place)

    def head(self) -> str:
        """The commit that the remote's branch is at."""
        return self.git("rev-parse", "refs/heads/main", cwd=self.remote)

    def commits(self) -> list[str]:
        """The subjects on the remote's branch, newest first."""
        return self.git("log", "--format=%s", "main", cwd=self.remote).splitlines()

    def show(self, path: str) -> str:
        """A file at the remote branch's head."""
        return self.git("show", f"main:{path}", cwd=self.remote)

    def register(
        self,
        app: str,
        *,
        metrics: Mapping[str, float] | None = None,
        alias: str | None = None,
        packages: Mapping[str, str] | None = None,
        model: str | None = None,
        tags: Mapping[str, str] | None = None,
    ) -> str:
        """A new version of an app's model, with a run and an image of its own."""
        known = {"auc": 0.9, "example_count": 1000.0} if metrics is None else metrics
        layout = self.folder / "images" / "shop" / app
        tag = f"t{len(list(layout.glob('blobs/sha256/*')))}"
        write_image(layout, tag, packages or {"numpy": "2.0.0"}, {"model": tag.encode()})
        named = {"tidegate.image": f"{self.image(app)}:{tag}"} if tags is None else tags
        return register(
            self.store.uri, model or app, metrics=dict(known), tags=dict(named), alias=alias
        )

    def tidegate(self, *arguments: str, root: Path | None = None, **environ: str) -> Answer:
        """The command line, in this process."""
        out, err = io.StringIO(), io.StringIO()
        changed = self.environ | environ
        words = ["--root", str(root or self.clone), *arguments]
        with patch.dict(os.environ, changed), redirect_stdout(out), redirect_stderr(err):
            code = main(words)
        return Answer(code, out.getvalue(), err.getvalue())

    def spawn(self, *arguments: str, cwd: Path | None = None, **environ: str) -> Command:
        """The command line, as a process of its own that needs to import nothing any more."""
        return Command(
            arguments, cwd or self.clone, os.environ | self.environ | environ, self.folder
        )

    def launch(self, *arguments: str) -> subprocess.Popen[str]:
        """The command line, as a process from its very beginning."""
        return subprocess.Popen(
            [sys.executable, "-m", "tidegate", *arguments],
            cwd=self.clone,
            env=os.environ | self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )


def sample_files(apps: Sequence[str], gates: Mapping[str, str] = GATES) -> dict[str, str]:
    """A repository with these apps, each with an overlay in dev, staging and prod."""
    files = {}
    for environment, source in SOURCES.items():
        text = _ENVIRONMENT.format(source=source, gates=gates[environment])
        files[f"environments/{environment}/environment.yaml"] = text
    for app in apps:
        image = f"{REGISTRY}/shop/{app}"
        values = {"app": app, "model": app, "image": image}
        files[f"apps/{app}/app.yaml"] = _APP.format(**values)
        files[f"apps/{app}/base/kustomization.yaml"] = _BASE
        files[f"apps/{app}/base/deployment.yaml"] = _DEPLOYMENT.format(**values)
        for environment in SOURCES:
            path = f"environments/{environment}/{app}/kustomization.yaml"
            files[path] = _OVERLAY.format(environment=environment, **values)
    return files


def settings_file(store: MlflowStore) -> str:
    """tidegate.yaml of a test: everything is on this machine."""
    return (
        "apiVersion: tidegate.dev/v1\nkind: Settings\n"
        f"modelRegistry: {{uri: 'sqlite:///{store.file}', timeout: 300}}\n"
        f"images: {{mirrors: [{{registry: {REGISTRY}, folder: ../images}}]}}\n"
        "scanner: {offline: true}\n"
    )


def make_world(folder: Path, store: MlflowStore, files: Mapping[str, str]) -> World:
    """A remote with one commit of these files, a clone of it, and everything around."""
    config = folder / "gitconfig"
    config.write_text(_GITCONFIG)
    environ = {
        "PATH": f"{BINARIES}{os.pathsep}{os.environ['PATH']}",
        "HOME": str(folder),
        "XDG_CACHE_HOME": str(folder / "cache"),
        "GIT_CONFIG_GLOBAL": str(config),
        "GIT_CONFIG_NOSYSTEM": "1",
        "TRIVY_CACHE_DIR": str(folder / "trivy"),
        "MLFLOW_TRACKING_URI": "",
    }
    world = World(folder, store, environ)
    world.git("init", "-q", "--bare", "-b", "main", str(world.remote), cwd=folder)
    world.git("clone", "-q", str(world.remote), str(world.clone), cwd=folder)
    world.write({"tidegate.yaml": settings_file(store), **files})
    world.git("add", "-A")
    world.git("commit", "-q", "-m", "first")
    world.git("push", "-q", "origin", "HEAD:main")
    write_database(folder / "trivy", [VULNERABLE], datetime.now(UTC))
    return world


@pytest.fixture
def world(
    tmp_path: Path, mlflow_store: MlflowStore, tmp_path_factory: pytest.TempPathFactory
) -> World:
    """Two apps, `shop` and `search`, never promoted. What was rendered for one test is kept for
    the next, by all that takes part in it, as on anybody's machine."""
    world = make_world(tmp_path, mlflow_store, sample_files(["shop", "search"]))
    world.environ["XDG_CACHE_HOME"] = str(tmp_path_factory.getbasetemp() / "cache")
    return world
