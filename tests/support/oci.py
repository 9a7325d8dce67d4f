"""Registries to test against: a small one of our own that can misbehave, and Debian's real one."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from demo.images import REF_NAME

USER, PASSWORD = "tester", "s3cret"
# bcrypt, the only kind that the registry takes; made with `htpasswd -nbB tester s3cret`.
HTPASSWD = "tester:$2y$05$uG.SOPjU9N0hcNylChG2J.zkJ4FUwBV0MbBx160T2qIRL7G8qpo8q\n"
_MANIFEST = re.compile(r"/v2/(?P<repository>.+)/manifests/(?P<reference>[^/]+)")
_BLOB = re.compile(r"/v2/(?P<repository>.+)/blobs/(?P<digest>[^/]+)")


@dataclass(frozen=True)
class Request:
    """What the small registry was asked. `headers` has lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """What it answers."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silence for clients that hang up in the middle, as they do when an answer is too big."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class SmallRegistry:
    """Serves OCI layouts over the distribution API on loopback. `intercept` is asked before each
    answer and may give another; `requests` has all that came."""

    def __init__(self, layouts: Mapping[str, Path]) -> None:
        self.layouts = dict(layouts)
        self.requests: list[Request] = []
        self.intercept: Callable[[Request], Reply | None] = lambda _: None
        registry = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                headers = {name.lower(): value for name, value in self.headers.items()}
                body = self.rfile.read(length)
                request = Request(self.command, self.path, headers, body)
                registry.requests.append(request)
                reply = registry.intercept(request) or registry.answer(request)
                with contextlib.suppress(ConnectionError):
                    self.send_response(reply.status)
                    for name, value in {
                        "Content-Length": str(len(reply.body)),
                        **reply.headers,
                    }.items():
                        self.send_header(name, value)
                    self.end_headers()
                    if self.command != "HEAD":
                        self.wfile.write(reply.body)

            do_GET = do_HEAD = do_POST = _answer

            def log_message(self, format: str, *args: object) -> None:
                """Silence."""

        self._server = _Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def host(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Ends the server and waits for its thread."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: Request) -> Reply:
        """What a registry in good order says."""
        path = request.path.partition("?")[0]
        if path == "/v2/":
            return Reply(body=b"{}")
        if match := _MANIFEST.fullmatch(path):
            layout = self.layouts.get(match["repository"])
            body = _find(layout, match["reference"]) if layout else None
            if body is not None:
                return manifest_reply(body)
        if (match := _BLOB.fullmatch(path)) and match["repository"] in self.layouts:
            blob = _blob(self.layouts[match["repository"]], match["digest"])
            if blob is not None:
                return Reply(body=blob)
        return Reply(404, b'{"errors":[{"code":"MANIFEST_UNKNOWN"}]}')


def manifest_reply(body: bytes) -> Reply:
    """A manifest as registries serve it."""
    return Reply(
        body=body,
        headers={
            "Content-Type": json.loads(body)["mediaType"],
            "Docker-Content-Digest": "sha256:" + hashlib.sha256(body).hexdigest(),
        },
    )


def needs_basic(request: Request) -> Reply | None:
    """An `intercept`: nothing without the user's name and password."""
    if request.headers.get("authorization") == basic():
        return None
    return Reply(401, b"{}", {"Www-Authenticate": 'Basic realm="a, Bearer of news"'})


def basic() -> str:
    """The right Authorization header of the Basic scheme."""
    return "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()


def docker_config(folder: Path, document: Mapping[str, Any]) -> dict[str, str]:
    """Writes a Docker configuration, and returns the environment that names it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(document), encoding="utf-8")
    return {"DOCKER_CONFIG": str(folder), "PATH": os.environ["PATH"]}


def login(folder: Path, host: str) -> dict[str, str]:
    """What `docker login` would have left for the right user."""
    auth = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
    return docker_config(folder, {"auths": {host: {"auth": auth}}})


@contextlib.contextmanager
def docker_registry(folder: Path, *, password: bool = False) -> Iterator[str]:
    """Debian's docker-registry on loopback, and its host with port; skips where there is none."""
    binary = shutil.which("docker-registry")
    if binary is None:
        pytest.skip("docker-registry is not on PATH (Debian: apt-get install docker-registry)")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "htpasswd").write_text(HTPASSWD, encoding="utf-8")
    settings: dict[str, Any] = {
        "version": "0.1",
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": "127.0.0.1:0"},
    }
    if password:
        settings["auth"] = {"htpasswd": {"realm": "test", "path": str(folder / "htpasswd")}}
    # JSON is YAML, too.
    (folder / "config.yml").write_text(json.dumps(settings), encoding="utf-8")
    with subprocess.Popen(
        [binary, "serve", str(folder / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as server:
        assert server.stderr is not None
        drain: threading.Thread | None = None
        try:
            address = None
            for line in server.stderr:
                if found := re.search(rb"listening on (127\.0\.0\.1:\d+)", line):
                    address = found[1].decode()
                    break
            assert address is not None, "docker-registry did not start"
            drain = threading.Thread(target=server.stderr.read)
            drain.start()
            yield address
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(server.pid, signal.SIGKILL)
            if drain is not None:
                drain.join()


def push(layout: Path, host: str, repository: str, *, password: bool = False) -> None:
    """Pushes every image of a layout to a real registry."""
    auth = (USER, PASSWORD) if password else None
    with httpx.Client(base_url=f"http://{host}", auth=auth, trust_env=False) as client:
        blobs = {
            f"sha256:{path.name}": path.read_bytes()
            for path in (layout / "blobs" / "sha256").iterdir()
        }
        manifests = [d for d, body in blobs.items() if body.startswith(b"{") and _kind(body)]
        for digest, body in blobs.items():
            if digest not in manifests:
                begun = client.post(f"/v2/{repository}/blobs/uploads/").raise_for_status()
                place = httpx.URL(begun.headers["Location"]).copy_merge_params({"digest": digest})
                client.put(place, content=body).raise_for_status()
        tags = [(e["annotations"][REF_NAME], e["digest"]) for e in _entries(layout)]
        # An index comes after the manifests that it names.
        manifests.sort(key=lambda digest: "manifests" in json.loads(blobs[digest]))
        for reference, digest in [*((d, d) for d in manifests), *tags]:
            client.put(
                f"/v2/{repository}/manifests/{reference}",
                content=blobs[digest],
                headers={"Content-Type": _kind(blobs[digest])},
            ).raise_for_status()


def _kind(body: bytes) -> str:
    return str(json.loads(body).get("mediaType", ""))


def _entries(layout: Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads((layout / "index.json").read_bytes())["manifests"]
    return found


def _find(layout: Path, reference: str) -> bytes | None:
    for entry in _entries(layout):
        if entry["annotations"][REF_NAME] == reference:
            return _blob(layout, entry["digest"])
    return _blob(layout, reference)


def _blob(layout: Path, digest: str) -> bytes | None:
    path = layout / "blobs" / "sha256" / digest.removeprefix("sha256:")
    return path.read_bytes() if path.is_file() else None
