"""A small Argo CD on loopback: real HTTP, streams and refusals, and faults by a script. What it is
asked and answers is held to Argo CD's OpenAPI document where that is at hand.

with FakeArgoCd() as argocd:
    argocd.put(application("shop-dev"))
    argocd.faults += [on("GET", "/applications$", status(503))]
"""

from __future__ import annotations

import contextlib
import copy
import json
import queue
import re
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import pytest
from tests.support import argocd_openapi
from tests.support.argocd_answers import (
    Document,
    Failure,
    answer_to,
    labels_match,
    listed,
    project_of,
    without,
)
from tests.support.faults import (
    JSON,
    Fault,
    Request,
    Script,
    cut,
    drop,
    on,
    refusal,
    slow,
    status,
)
from tests.support.loopback import Connection, Loopback

__all__ = [
    "TOKEN",
    "FakeArgoCd",
    "Fault",
    "Request",
    "Script",
    "Subscriber",
    "cut",
    "drop",
    "fake_argocd",
    "on",
    "reconciled",
    "refusal",
    "slow",
    "status",
    "wait_until",
]

TOKEN = "a-token.that-is.secret"


@dataclass
class Subscriber:
    """A stream that is open."""

    request: Request
    frames: queue.SimpleQueue[bytes | None] = field(default_factory=queue.SimpleQueue)


class FakeArgoCd:
    """`on_refresh` and `on_sync` are what the controller does then with an Application. `window`
    says what keeps syncs away. `keepalive` is in seconds; `chunk` the size of a stream's pieces."""

    def __init__(self, *, tokens: tuple[str, ...] = (TOKEN,), prefix: str = "") -> None:
        self.tokens, self.prefix = set(tokens), prefix
        self.version, self.windows, self.denied = "v3.5.1+fake", (), set[str]()
        self.below: dict[tuple[str, str], Any] = {}
        self.faults: list[Script] = []
        self.requests: list[Request] = []
        self.violations: list[str] = []
        self.ended = threading.Event()
        self.keepalive, self.chunk = 15.0, 1 << 20
        self.replayed: Callable[[list[Document]], list[Document]] = lambda documents: documents
        self.on_refresh: Callable[[Document], None] = reconciled
        self.on_sync: Callable[[Document], None] = lambda document: None
        self._documents: dict[tuple[str, str], Document] = {}
        self._subscribers: list[Subscriber] = []
        self.clock = 100
        self.observers: list[Callable[[str, Document], None]] = []
        self.lock = threading.RLock()
        self._loopback = Loopback(Handler, fake=self)

    @property
    def server(self) -> str:
        """Host and port."""
        return self._loopback.server

    def __enter__(self) -> FakeArgoCd:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        assert self.violations == []

    def close(self) -> None:
        """Ends the server, its streams and its thread."""
        self.ended.set()
        self.end_streams()
        self._loopback.close()

    def put(self, document: Document) -> Document:
        """Stores an Application as the cluster would, and tells the streams."""
        with self.lock:
            document = copy.deepcopy(document)
            metadata = document["metadata"]
            key = metadata["namespace"], metadata["name"]
            old = self._documents.get(key)
            self.clock += 1
            metadata["uid"] = old["metadata"]["uid"] if old else str(uuid.uuid4())
            metadata["resourceVersion"] = str(self.clock)
            self._documents[key] = document
            self._tell("MODIFIED" if old else "ADDED", document)
            return copy.deepcopy(document)

    def change(self, name: str, edit: Callable[[Document], None]) -> Document:
        """Edits an Application's document, and stores it."""
        with self.lock:
            document = copy.deepcopy(self.document(name))
            edit(document)
            return self.put(document)

    def delete(self, name: str, *, quietly: bool = False) -> None:
        """Removes an Application; quietly, the streams aren't told."""
        with self.lock:
            document = self.document(name)
            del self._documents[document["metadata"]["namespace"], name]
            self.clock += 1
            document["metadata"]["resourceVersion"] = str(self.clock)
            if not quietly:
                self._tell("DELETED", document)

    def document(self, name: str) -> Document:
        """An Application as it is now."""
        return next(d for (_, known), d in self._documents.items() if known == name)

    def documents(self, query: dict[str, str]) -> list[Document]:
        """What a list or a stream with these parameters begins with."""
        with self.lock:
            found = [d for _, d in sorted(self._documents.items()) if _selects(query, d)]
            return copy.deepcopy(found)

    def send(self, frame: bytes) -> None:
        """Sends bytes on every stream as they are."""
        for subscriber in list(self._subscribers):
            subscriber.frames.put(frame)

    def end_streams(self) -> None:
        """Closes every stream, as a proxy does now and then."""
        for subscriber in list(self._subscribers):
            subscriber.frames.put(None)

    def wait_for_streams(self, number: int = 1) -> None:
        """Until so many streams are open."""
        wait_until(lambda: len(self._subscribers) >= number)

    def asked(self, method: str, path: str) -> list[Request]:
        """The requests so far whose path matches."""
        return [r for r in self.requests if r.method == method and re.search(path, r.path)]

    @contextlib.contextmanager
    def subscribed(self, request: Request) -> Iterator[tuple[Subscriber, list[Document]]]:
        """A stream, and what it begins with."""
        subscriber = Subscriber(request)
        with self.lock:
            documents = self.replayed(self.documents(request.query))
            self._subscribers.append(subscriber)
        try:
            yield subscriber, documents
        finally:
            with self.lock:
                self._subscribers.remove(subscriber)

    def frame(self, request: Request, change: str, document: Document) -> bytes:
        """A frame of a stream."""
        frame = {"result": {"type": change, "application": document}}
        self.check(request, "answer", frame)
        frame = without(frame, request.query.get("fields", ""))
        text = json.dumps(frame).encode()
        sse = request.headers.get("accept") == "text/event-stream"
        return b"data: " + text + b" \n\n\n" if sse else text + b"\n"

    def check(self, request: Request, where: str, body: Any) -> None:
        """Holds a body to the OpenAPI document."""
        self.violations += argocd_openapi.violations(request.method, request.path, where, body)

    def _tell(self, change: str, document: Document) -> None:
        for observer in self.observers:
            observer(change, document)
        for subscriber in self._subscribers:
            if _selects(subscriber.request.query, document):
                subscriber.frames.put(self.frame(subscriber.request, change, document))


class Handler(Connection):
    """One connection."""

    fake: FakeArgoCd

    @property
    def ended(self) -> threading.Event:
        """For faults that wait."""
        return self.fake.ended

    def _handle(self) -> None:
        request, raw = self.asked()
        request.path = unquote(request.path).removeprefix(self.fake.prefix)
        request.body = json.loads(raw) if raw else None
        self.fake.requests.append(request)
        with contextlib.suppress(ConnectionError):
            script = next((s for s in self.fake.faults if s.takes(request)), None)
            if script is None or not script.fault(self):
                self._answer(request)

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _handle

    def _answer(self, request: Request) -> None:
        fake = self.fake
        if request.method != "GET" and request.headers.get("content-type") != JSON:
            return self.reply(415, b"Invalid content type\n", "text/plain")
        unknown = argocd_openapi.unknown_parameters(request.method, request.path, {*request.query})
        fake.violations += [f"{request.path}: no parameter {name}" for name in unknown]
        if request.body is not None:
            fake.check(request, "request", request.body)
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        try:
            if bearer not in fake.tokens and request.path != "/api/version":
                raise Failure(401, 16, "invalid session: token signature is invalid")
            if request.path == "/api/v1/stream/applications":
                return self._stream(request)
            found = answer_to(fake, request)
        except Failure as failure:
            fake.check(request, "failure", failure.body)
            return self.reply(failure.status, json.dumps(failure.body).encode(), JSON)
        fake.check(request, "answer", found)
        if "fields" in request.query:
            found = listed(found, request.query["fields"])
        return self.reply(200, json.dumps(found).encode(), JSON)

    def _stream(self, request: Request) -> None:
        sse = request.headers.get("accept") == "text/event-stream"
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream" if sse else JSON)
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        with self.fake.subscribed(request) as (subscriber, documents):
            for document in documents:
                self._send_chunks(self.fake.frame(request, "ADDED", document))
            while True:
                try:
                    frame = subscriber.frames.get(timeout=self.fake.keepalive)
                except queue.Empty:
                    frame = b":\n" if sse else b""
                if frame is None:
                    return self.hang_up()
                if frame:
                    self._send_chunks(frame)

    def _send_chunks(self, data: bytes) -> None:
        for start in range(0, len(data), self.fake.chunk):
            piece = data[start : start + self.fake.chunk]
            self.wfile.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
        self.wfile.flush()


def reconciled(document: Document) -> None:
    """What a refresh does when nothing has changed."""
    document["status"]["reconciledAt"] = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    """Until the condition holds; fails after a time that no machine is too slow for."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.005)


def _selects(query: dict[str, str], document: Document) -> bool:
    project = query.get("projects")
    if project and project_of(document) != project:
        return False
    return labels_match(query.get("selector", ""), document)


@pytest.fixture(name="argocd")
def fake_argocd() -> Iterator[FakeArgoCd]:
    """A small Argo CD without Applications."""
    with FakeArgoCd() as fake:
        yield fake
