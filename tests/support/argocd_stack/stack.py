"""The running stack, as tests see it."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import httpx
from tests.support.apiserver import ApiServer
from tests.support.processes import Server

T = TypeVar("T")

_WAIT_SECONDS = 120
_POLL_SECONDS = 0.1
_IDENTITY = {
    "GIT_AUTHOR_NAME": "Ann",
    "GIT_AUTHOR_EMAIL": "ann@example.com",
    "GIT_COMMITTER_NAME": "Ann",
    "GIT_COMMITTER_EMAIL": "ann@example.com",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
}


@dataclass(frozen=True)
class Remote:
    """A repository that Argo CD can read, with a clone to commit from: a bare one of this machine,
    or the one at `address`."""

    bare: Path
    clone: Path
    address: str = ""
    branch: str = "main"

    @property
    def url(self) -> str:
        """What to write as repoURL."""
        return self.address or self.bare.as_uri()

    def git(self, *arguments: str) -> str:
        """What git prints, run in the clone."""
        answer = subprocess.run(
            ["git", *arguments],
            cwd=self.clone,
            env=os.environ | _IDENTITY,
            capture_output=True,
            text=True,
            check=False,
        )
        assert answer.returncode == 0, answer.stderr
        return answer.stdout.strip()

    def push(self, files: Mapping[str, str | None], message: str = "change") -> str:
        """Commits these files to the branch (None removes one, or a folder); the commit."""
        for path, content in files.items():
            target = self.clone / path
            if content is None:
                self.git("rm", "-rq", path)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(content, "utf-8")
        return self.commit(message)

    def commit(self, message: str = "change") -> str:
        """Commits everything that is in the clone's work tree to the branch."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", message)
        self.git("push", "-q", "origin", f"HEAD:refs/heads/{self.branch}")
        return self.git("rev-parse", "HEAD")


def make_remote(folder: Path, name: str) -> Remote:
    """A new bare repository with a clone of it, and no commit."""
    remote = Remote(folder / f"{name}.git", folder / name)
    remote.clone.mkdir()
    remote.git("init", "-q", "--bare", "-b", "main", str(remote.bare))
    return _with_origin(remote, str(remote.bare))


def borrow_remote(folder: Path, address: str, branch: str) -> Remote:
    """An empty clone of a repository elsewhere, for a branch that it hasn't got."""
    remote = Remote(folder, folder / "clone", address, branch)
    remote.clone.mkdir()
    return _with_origin(remote, address)


def _with_origin(remote: Remote, address: str) -> Remote:
    remote.git("init", "-q", "-b", "main")
    remote.git("remote", "add", "origin", address)
    return remote


@dataclass
class Administration:
    """An Argo CD at `url`, and its administrator."""

    url: str = ""
    token: str = field(default="", repr=False)
    client: httpx.Client = field(default_factory=httpx.Client)

    def log_in(self, url: str, token: str, client: httpx.Client) -> None:
        """From now on the calls go there."""
        self.url, self.token, self.client = url, token, client
        client.base_url = httpx.URL(f"{url}/api/v1/")
        client.headers["Authorization"] = f"Bearer {token}"

    def api(self, method: str, path: str, **rest: Any) -> Any:
        """What Argo CD answers to the administrator, below /api/v1/. Raises
        httpx.HTTPStatusError."""
        headers = {"Content-Type": "application/json"}
        answer = self.client.request(method, path, headers=headers, **rest)
        return answer.raise_for_status().json()

    def application(self, name: str, *, refresh: bool = True) -> Any:
        """An Application, after Argo CD has looked at Git and the cluster anew. Its controller may
        miss a refresh that is asked for just after another; then a hard one is asked for."""
        kinds = ("normal", "hard", "normal", "hard") if refresh else (None,)
        for kind in kinds:
            params = {"refresh": kind} if kind else {}
            with suppress(httpx.ReadTimeout):
                return self.api("GET", f"applications/{name}", params=params, timeout=20)
        raise AssertionError(f"Argo CD does not answer about {name}")

    def project_token(self, project: str, role: str) -> str:
        """A token of a project's role."""
        body = {"project": project, "role": role, "id": f"{role}-{time.time_ns()}"}
        path = f"projects/{project}/roles/{role}/token"
        return str(self.api("POST", path, json=body)["token"])

    def wait_for(self, look: Callable[[], T]) -> T:
        """What `look` sees, as soon as it sees anything true. Raises AssertionError after two
        minutes."""
        deadline = time.monotonic() + _WAIT_SECONDS
        found = look()
        while not found:
            assert time.monotonic() < deadline, f"not within {_WAIT_SECONDS} s: {found!r}"
            time.sleep(_POLL_SECONDS)
            found = look()
        return found


@dataclass(kw_only=True)
class Stack(Administration):
    """Argo CD at `url`, and the cluster that it drives. `servers` has every process by name."""

    kubernetes: ApiServer
    folder: Path
    kubeconfig: Path
    servers: dict[str, Server] = field(default_factory=dict)
    applicationset_webhook: str = ""

    def remote(self, name: str) -> Remote:
        """A new bare repository with a clone of it, and no commit."""
        return make_remote(self.folder, name)

    def apply(self, *objects: Mapping[str, Any]) -> None:
        """Applies objects, as `kubectl apply --server-side` does."""
        for item in objects:
            path = self.path(item["apiVersion"], item["kind"], item["metadata"])
            answer = self.kubernetes.client.patch(
                path,
                params={"fieldManager": "tests", "force": "true"},
                content=json.dumps(item),
                headers={"Content-Type": "application/apply-patch+yaml"},
            )
            assert answer.is_success, answer.text

    def get(self, version: str, kind: str, name: str, namespace: str = "") -> Any:
        """An object of the cluster; None where there is none."""
        path = self.path(version, kind, {"name": name, "namespace": namespace})
        answer = self.kubernetes.client.get(path)
        return None if answer.status_code == 404 else answer.raise_for_status().json()

    def patch(self, version: str, kind: str, name: str, namespace: str, change: Any) -> None:
        """Changes an object by a merge patch, as a person would by hand."""
        answer = self.kubernetes.client.patch(
            self.path(version, kind, {"name": name, "namespace": namespace}),
            content=json.dumps(change),
            headers={"Content-Type": "application/merge-patch+json"},
        )
        assert answer.is_success, answer.text

    def path(self, version: str, kind: str, metadata: Mapping[str, Any]) -> str:
        """Where the API server has an object."""
        namespace = metadata.get("namespace") or "default"
        path = self.kubernetes.path(version, kind, namespace, metadata["name"])
        assert path is not None, f"the cluster has no {kind} of {version}"
        return path
