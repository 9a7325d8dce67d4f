"""A real API server for tests: etcd and kube-apiserver as plain processes on loopback.

from tests.support.apiserver import apiserver  # noqa: F401

pytestmark = pytest.mark.xdist_group("apiserver")  # one server for all tests that want one

def test_it(apiserver):
    status, message = apiserver.dry_run({"apiVersion": "v1", "kind": "Pod", …}, "default")
    apiserver.send(policy, dry_run=False)

The binaries are looked for in the folder that TIDEGATE_TEST_BIN names, then on PATH; without them
the tests are skipped.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from tests.support import processes
from tests.support.processes import find, free_ports, server

TOKEN = "tests-only"
_TRIES = 5
# What etcd 3.4 lacks, what needs a network or an account, and what only slows thousands of
# requests down.
_FLAGS = (
    "--feature-gates=WatchList=false",
    "--authorization-mode=RBAC",
    "--disable-admission-plugins=ServiceAccount",
    "--endpoint-reconciler-type=none",
    "--enable-priority-and-fairness=false",
    "--service-account-issuer=https://kubernetes.default.svc",
    "--bind-address=127.0.0.1",
)


class Answer(NamedTuple):
    """What the server said: `message` is empty where it agreed; `body` is the object as it would
    be stored, or the Status with every cause."""

    status: int
    message: str
    warnings: tuple[str, ...]
    body: Mapping[str, Any]

    @property
    def accepted(self) -> bool:
        """Whether the server took the object."""
        return self.status < 300

    @property
    def causes(self) -> dict[str, str]:
        """Each field that was refused, with the reason, where the server tells them apart."""
        details = self.body.get("details") or {}
        return {c.get("field", ""): c.get("message", "") for c in details.get("causes") or ()}


class ApiServer:
    """A running server. Objects are plain Python data, as YAML reads them."""

    def __init__(self, url: str, client: httpx.Client) -> None:
        self.url = url
        self.token = TOKEN
        self.client = client
        self._resources: dict[tuple[str, str], tuple[str, bool]] = {}

    def dry_run(self, item: Mapping[str, Any], namespace: str = "default") -> tuple[int, str]:
        """The status code and the message for creating an object, with strict fields. Nothing is
        stored. 404 for a kind that the server doesn't serve."""
        answer = self.send(item, namespace)
        return answer.status, answer.message

    def send(
        self,
        item: Mapping[str, Any],
        namespace: str = "default",
        *,
        dry_run: bool = True,
        method: str = "POST",
    ) -> Answer:
        """The whole answer for creating an object; PUT replaces and DELETE deletes it."""
        version, kind = str(item.get("apiVersion", "")), str(item.get("kind", ""))
        name = "" if method == "POST" else item["metadata"]["name"]
        path = self.path(version, kind, namespace, name)
        if path is None:
            return Answer(404, f"no matches for kind {kind!r} in version {version!r}", (), {})
        query = {"dryRun": "All"} if dry_run else {}
        content = None  # of DELETE it would have to be DeleteOptions
        if method != "DELETE":
            query["fieldValidation"], content = "Strict", json.dumps(item)
        response = self._request(method, path, query, content)
        body = response.json()
        message = "" if response.status_code < 300 else str(body.get("message", ""))
        warnings = tuple(response.headers.get_list("warning"))
        return Answer(response.status_code, message, warnings, body)

    def _request(
        self, method: str, path: str, query: Mapping[str, str], content: str | None
    ) -> httpx.Response:
        """Asks again where the server closed the connection just then; 500 where it does so each
        time, for that is how it ends a request in which it panics."""
        for _ in range(_TRIES):
            with suppress(httpx.RemoteProtocolError, httpx.ReadError, httpx.WriteError):
                return self.client.request(method, path, params=query, content=content)
        return httpx.Response(500, json={"message": "the server closed the connection"})

    def path(self, version: str, kind: str, namespace: str, name: str = "") -> str | None:
        """Where the server has an object, or with no name all of a kind; None for a kind that it
        doesn't serve."""
        found = self._resource(version, kind)
        if found is None:
            return None
        plural, namespaced = found
        path = self._group(version) + (f"/namespaces/{namespace}" if namespaced else "")
        return f"{path}/{plural}" + (f"/{name}" if name else "")

    def _resource(self, version: str, kind: str) -> tuple[str, bool] | None:
        """The plural and whether it lies in a namespace, by the server's own discovery. Asked
        again for what isn't known: a CRD may have come since."""
        if (version, kind) not in self._resources and version:
            answer = self.client.get(self._group(version))
            for item in answer.json().get("resources", ()) if answer.is_success else ():
                if "/" not in item["name"]:
                    found = item["name"], item["namespaced"]
                    self._resources[version, item["kind"]] = found
        return self._resources.get((version, kind))

    @staticmethod
    def _group(version: str) -> str:
        return f"/apis/{version}" if "/" in version else f"/api/{version}"


def missing() -> str | None:
    """Why there can be no server here; None where there can."""
    return processes.missing("etcd", "kube-apiserver", "openssl")


@contextmanager
def start(folder: Path, *flags: str) -> Iterator[ApiServer]:
    """A fresh server with its data in `folder`; ends with the context."""
    etcd_port, peer_port, port = free_ports(3)
    (folder / "tokens.csv").write_text(f"{TOKEN},tests,tests,system:masters\n", "utf-8")
    key = _key(folder)
    with ExitStack() as stack:
        etcd = f"http://127.0.0.1:{etcd_port}"
        peer = f"http://127.0.0.1:{peer_port}"
        stack.enter_context(
            server(
                [
                    *(str(find("etcd")), f"--data-dir={folder / 'etcd'}"),
                    *(f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}"),
                    *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"),
                    f"--initial-cluster=default={peer}",
                ],
                folder / "etcd.log",
            )
        )
        running = stack.enter_context(
            server(
                [
                    *(str(find("kube-apiserver")), f"--etcd-servers={etcd}"),
                    *(f"--secure-port={port}", f"--cert-dir={folder / 'certificates'}"),
                    *(
                        f"--service-account-key-file={key}",
                        f"--token-auth-file={folder}/tokens.csv",
                    ),
                    f"--service-account-signing-key-file={key}",
                    *_FLAGS,
                    *flags,
                ],
                folder / "apiserver.log",
            )
        )
        client = stack.enter_context(
            httpx.Client(
                base_url=f"https://127.0.0.1:{port}",
                headers={"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"},
                verify=False,
                timeout=60,
                trust_env=False,
            )
        )
        running.wait_until(lambda: _is_ready(client))
        yield ApiServer(f"https://127.0.0.1:{port}", client)


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server for the session's tests: what they store they name apart."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path_factory.mktemp("apiserver")) as running:
        yield running


def _key(folder: Path) -> Path:
    """A private key that nothing of value is ever signed with."""
    path = folder / "service-account.key"
    subprocess.run(
        ["openssl", "genrsa", "-out", str(path), "2048"], check=True, capture_output=True
    )
    return path


def _is_ready(client: httpx.Client) -> bool:
    """Whether the server answers, and has made its namespace `default`."""
    try:
        paths = ("/readyz", "/api/v1/namespaces/default")
        return all(client.get(path).is_success for path in paths)
    except httpx.TransportError:
        return False
