"""A small HTTP server on loopback that answers by a function, counts what it is asked, fails by a
script (see `tests.support.argocd.on`), and has Git repositories below it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from tests.support import git_http
from tests.support.argocd import Request, Script

JSON = "application/json; charset=utf-8"


@dataclass
class Answer:
    """`body` is sent as JSON; None is no body at all."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """`answer` is what subclasses have; `faults` come before it. An answer to GET has an ETag, and
    is 304 without a body for who knows it."""

    def __init__(self) -> None:
        self.faults: list[Script] = []
        self.requests: list[Request] = []
        self.ended = threading.Event()
        self._server = _Server(("127.0.0.1", 0), type("Handler", (Handler,), {"fake": self}))
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Ends the server and its thread."""
        self.ended.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def repository(self, path: str) -> tuple[Path, str] | None:
        """The bare repository that a path is below, and what comes after it; none here."""

    def user_of(self, token: str) -> str | None:
        """Whom a token speaks for."""

    def written(self, since: int = 0) -> list[str]:
        """What was asked for since then that changes something."""
        asked = self.requests[since:]
        return [r.path for r in asked if r.method != "GET" and "/graphql" not in r.path]


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Silence for clients that hang up in the middle."""


class Handler(BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    fake: FakeServer

    def _handle(self) -> None:
        parts = urlsplit(self.path)
        query = {key: values[-1] for key, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        raw = self._body(headers)
        repository = self.fake.repository(parts.path)
        body = json.loads(raw) if raw and repository is None else None
        request = Request(self.command, parts.path, query, headers, body)
        if repository is None:
            self.fake.requests.append(request)
        with contextlib.suppress(ConnectionError):
            script = next((s for s in self.fake.faults if s.takes(request)), None)
            if script is not None and script.fault(self):
                return
            if repository is None:
                self._send(request, self.fake.answer(request))
            else:
                self._send_git(repository, parts.query, headers, raw)

    def _body(self, headers: Mapping[str, str]) -> bytes:
        if headers.get("transfer-encoding") != "chunked":
            return self.rfile.read(int(headers.get("content-length") or 0))
        found = b""
        while size := int(self.rfile.readline(), 16):
            found += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return found

    def _send_git(
        self, repository: tuple[Path, str], query: str, headers: Mapping[str, str], body: bytes
    ) -> None:
        git_dir, path = repository
        user = self.fake.user_of(git_http.password(headers.get("authorization", "")))
        found = git_http.answer(git_dir, self.command, path, query, headers, body, user)
        kind = found.headers.get("Content-Type", "text/plain")
        self.reply(found.status, found.body, kind, found.headers)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _handle

    def _send(self, request: Request, answer: Answer) -> None:
        data = b"" if answer.body is None else json.dumps(answer.body).encode()
        headers, status = dict(answer.headers), answer.status
        if request.method == "GET" and status == 200:
            headers["ETag"] = tag = f'W/"{hashlib.sha256(data).hexdigest()}"'
            if request.headers.get("if-none-match") == tag:
                status, data = 304, b""
        self.reply(status, data, JSON, headers)

    def reply(
        self, code: int, body: bytes, kind: str, headers: Mapping[str, str] | None = None
    ) -> None:
        """A whole answer."""
        self.send_response(code)
        for name, value in {"Content-Type": kind, **(headers or {})}.items():
            self.send_header(name, value)
        if code not in (204, 304):
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Closes the connection at once."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.shutdown(2)

    def log_message(self, format: str, *args: object) -> None:
        """Silence."""


def answer_lost(handler: Any) -> bool:
    """Does what is asked, and hangs up without an answer."""
    handler.fake.answer(handler.fake.requests[-1])
    handler.hang_up()
    return True


def segments(path: str) -> list[str]:
    """A path's parts, each with its escapes undone."""
    return [unquote(part) for part in path.strip("/").split("/")]
