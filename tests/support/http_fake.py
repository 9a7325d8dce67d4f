"""A small HTTP server on loopback that answers by a function, counts what it is asked, fails by a
script (see `tests.support.faults.on`), and has Git repositories below it."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

from tests.support import git_http
from tests.support.faults import Request, Script
from tests.support.loopback import Connection, Loopback

JSON = "application/json; charset=utf-8"


@dataclass
class Answer:
    """`body` is sent as JSON; None is no body at all."""

    status: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class FakeServer:
    """`answer` is what subclasses have; `faults` come before it. An answer to GET has an ETag, and
    is 304 without a body for who knows it. A page has `usual_page` items where nothing is said."""

    usual_page = 20

    def __init__(self) -> None:
        self.faults: list[Script] = []
        self.requests: list[Request] = []
        self.ended = threading.Event()
        self._loopback = Loopback(Handler, fake=self)

    @property
    def url(self) -> str:
        return f"http://{self._loopback.server}"

    def close(self) -> None:
        """Ends the server and its thread."""
        self.ended.set()
        self._loopback.close()

    def answer(self, request: Request) -> Answer:
        raise NotImplementedError

    def repository(self, path: str) -> tuple[Path, str] | None:
        """The bare repository that a path is below, and what comes after it; none here."""

    def user_of(self, token: str) -> str | None:
        """Whom a token speaks for."""

    def page(self, request: Request, found: list[Any]) -> Answer:
        """The part of a list that is asked for, with a link to the next one."""
        number = int(request.query.get("page", 1))
        size = int(request.query.get("per_page", self.usual_page))
        headers = {}
        if len(found) > number * size:
            query = urlencode({**request.query, "page": number + 1})
            headers["Link"] = f'<{self.url}{request.path}?{query}>; rel="next", <x>; rel="last"'
        return Answer(200, found[(number - 1) * size : number * size], headers)

    def written(self, since: int = 0) -> list[str]:
        """What was asked for since then that changes something."""
        asked = self.requests[since:]
        return [r.path for r in asked if r.method != "GET" and "/graphql" not in r.path]


class Handler(Connection):
    """One connection."""

    fake: FakeServer

    def _handle(self) -> None:
        request, raw = self.asked()
        repository = self.fake.repository(request.path)
        if repository is None:
            request.body = json.loads(raw) if raw else None
            self.fake.requests.append(request)
        with contextlib.suppress(ConnectionError):
            script = next((s for s in self.fake.faults if s.takes(request)), None)
            if script is not None and script.fault(self):
                return
            if repository is None:
                self._send(request, self.fake.answer(request))
            else:
                self._send_git(repository, request.headers, raw)

    def _send_git(
        self, repository: tuple[Path, str], headers: Mapping[str, str], body: bytes
    ) -> None:
        git_dir, path = repository
        query = urlsplit(self.path).query
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


def answer_lost(handler: Any) -> bool:
    """Does what is asked, and hangs up without an answer."""
    handler.fake.answer(handler.fake.requests[-1])
    handler.hang_up()
    return True


def segments(path: str) -> list[str]:
    """A path's parts, each with its escapes undone."""
    return [unquote(part) for part in path.strip("/").split("/")]
