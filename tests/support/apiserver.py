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
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest

TOKEN = "tests-only"
_START_SECONDS = 120
_STOP_SECONDS = 10
_POLL_SECONDS = 0.1
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
        found = self._resource(version, kind)
        if found is None:
            return Answer(404, f"no matches for kind {kind!r} in version {version!r}", (), {})
        plural, namespaced = found
        path = self._group(version) + (f"/namespaces/{namespace}" if namespaced else "")
        path += f"/{plural}"
        if method != "POST":
            path += f"/{item['metadata']['name']}"
        query = {"fieldValidation": "Strict", **({"dryRun": "All"} if dry_run else {})}
        response = self.client.request(
            method, path, params=query if method != "DELETE" else {}, content=json.dumps(item)
        )
        body = response.json()
        message = "" if response.status_code < 300 else str(body.get("message", ""))
        warnings = tuple(response.headers.get_list("warning"))
        return Answer(response.status_code, message, warnings, body)

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
    absent = [name for name in ("etcd", "kube-apiserver", "openssl") if _find(name) is None]
    return f"{' and '.join(absent)} not in TIDEGATE_TEST_BIN or on PATH" if absent else None


@contextmanager
def start(folder: Path, *flags: str) -> Iterator[ApiServer]:
    """A fresh server with its data in `folder`; ends with the context."""
    etcd_port, peer_port, port = _free_ports(3)
    (folder / "tokens.csv").write_text(f"{TOKEN},tests,tests,system:masters\n", "utf-8")
    key = _key(folder)
    with ExitStack() as stack:
        etcd = f"http://127.0.0.1:{etcd_port}"
        peer = f"http://127.0.0.1:{peer_port}"
        stack.enter_context(
            _process(
                [
                    *(str(_find("etcd")), f"--data-dir={folder / 'etcd'}"),
                    *(f"--listen-client-urls={etcd}", f"--advertise-client-urls={etcd}"),
                    *(f"--listen-peer-urls={peer}", f"--initial-advertise-peer-urls={peer}"),
                    f"--initial-cluster=default={peer}",
                ],
                folder / "etcd.log",
            )
        )
        server = stack.enter_context(
            _process(
                [
                    *(str(_find("kube-apiserver")), f"--etcd-servers={etcd}"),
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
        _wait(server, client, folder / "apiserver.log")
        yield ApiServer(f"https://127.0.0.1:{port}", client)


@pytest.fixture(scope="session")
def apiserver(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """A server for the session's tests: what they store they name apart."""
    reason = missing()
    if reason:
        pytest.skip(reason)
    with start(tmp_path_factory.mktemp("apiserver")) as server:
        yield server


def _find(name: str) -> str | None:
    places = (os.environ.get("TIDEGATE_TEST_BIN"), os.environ.get("PATH"))
    return shutil.which(name, path=os.pathsep.join(place for place in places if place))


def _free_ports(number: int) -> list[int]:
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    with ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(closing(listener))
        return [listener.getsockname()[1] for listener in listeners]


def _key(folder: Path) -> Path:
    """A private key that nothing of value is ever signed with."""
    path = folder / "service-account.key"
    subprocess.run(
        ["openssl", "genrsa", "-out", str(path), "2048"], check=True, capture_output=True
    )
    return path


@contextmanager
def _process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=tempfile.gettempdir()
        )
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(process: subprocess.Popen[bytes], client: httpx.Client, log: Path) -> None:
    """Returns when the server is ready and has made its namespace `default`."""
    for _ in range(int(_START_SECONDS / _POLL_SECONDS)):
        try:
            process.wait(_POLL_SECONDS)
        except subprocess.TimeoutExpired:
            try:
                if client.get("/readyz").is_success and (
                    client.get("/api/v1/namespaces/default").is_success
                ):
                    return
            except httpx.TransportError:
                continue
        else:
            break
    raise AssertionError(f"no API server: {log.read_text('utf-8', 'replace')[-4000:]}")
