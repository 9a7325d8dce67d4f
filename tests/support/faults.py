"""Faults of a server or of what is in front of it, by a script that real HTTP servers play.

server.faults += [on("GET", "/applications$", status(503), times=2)]
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from tests.support.argocd_answers import Failure

ANY = "any method"
JSON = "application/json"


@dataclass
class Request:
    """What was asked. `headers` has lower-case names."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: Any = None


class Exchange(Protocol):
    """One request that waits for its answer. `ended` is set when the server is to end."""

    close_connection: bool
    wfile: Any

    @property
    def ended(self) -> threading.Event: ...

    def send_response(self, code: int) -> None: ...

    def send_header(self, keyword: str, value: str) -> None: ...

    def end_headers(self) -> None: ...

    def reply(self, code: int, body: bytes, kind: str, headers: Any = None) -> None: ...

    def hang_up(self) -> None: ...


# Says whether it has answered.
Fault = Callable[[Any], bool]


@dataclass
class Script:
    """A fault for the next `times` requests that match, after the first `after`."""

    method: str
    path: re.Pattern[str]
    fault: Fault
    times: float = 1
    after: int = 0

    def takes(self, request: Request) -> bool:
        """Counts a request; says whether it meets the fault."""
        if self.method not in (ANY, request.method) or not self.path.search(request.path):
            return False
        if self.after > 0:
            self.after -= 1
            return False
        self.times -= 1
        return self.times >= 0


def on(method: str, path: str, fault: Fault, *, times: float = 1, after: int = 0) -> Script:
    """A fault at requests whose path matches."""
    return Script(method, re.compile(path), fault, times, after)


def status(code: int, body: bytes = b"", kind: str = "text/plain", **headers: str) -> Fault:
    """Answers so instead."""

    def fault(exchange: Exchange) -> bool:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        exchange.reply(code, body, kind, named)
        return True

    return fault


def refusal(code: int, grpc: int, message: str) -> Fault:
    """Refuses as Argo CD does."""
    return status(code, json.dumps(Failure(code, grpc, message).body).encode(), JSON)


def slow(seconds: float) -> Fault:
    """Answers late, and only then."""

    def fault(exchange: Exchange) -> bool:
        exchange.ended.wait(seconds)
        return False

    return fault


def drop(exchange: Exchange) -> bool:
    """Hangs up without a word."""
    exchange.close_connection = True
    exchange.hang_up()
    return True


def trickle(exchange: Exchange) -> bool:
    """Answers with a byte now and then, and never comes to an end."""
    exchange.close_connection = True
    exchange.send_response(200)
    exchange.send_header("Content-Type", JSON)
    exchange.end_headers()
    while not exchange.ended.wait(0.5):
        exchange.wfile.write(b" ")
        exchange.wfile.flush()
    return True


def flood(exchange: Exchange) -> bool:
    """Answers without end, as fast as it is read."""
    exchange.close_connection = True
    exchange.send_response(200)
    exchange.send_header("Content-Type", JSON)
    exchange.end_headers()
    while not exchange.ended.is_set():
        exchange.wfile.write(b" " * 2**16)
    return True


def cut(length: int) -> Fault:
    """Hangs up after so many bytes of an answer that is said to be longer."""

    def fault(exchange: Exchange) -> bool:
        exchange.send_response(200)
        exchange.send_header("Content-Type", JSON)
        exchange.send_header("Content-Length", str(length + 1000))
        exchange.end_headers()
        exchange.wfile.write(b'{"items": [' + b" " * length)
        return drop(exchange)

    return fault
