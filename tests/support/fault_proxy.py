"""A small HTTP proxy in front of a server of this machine, with a script of faults.

with fault_proxy(argocd.url) as proxy:
    proxy.faults.append(on("GET", "/stream/", status(502, b"<html>", "text/html"), times=3))
    httpx.get(f"{proxy.url}/api/version")
"""

from __future__ import annotations

import contextlib
import http.client
import math
import re
import socket
import ssl
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from urllib.parse import unquote, urlsplit

from tests.support.faults import Fault, Request, Script
from tests.support.loopback import Connection, Loopback

BAD_GATEWAY = b"<html><body><h1>502 Bad Gateway</h1></body></html>"
_HOP = frozenset({"connection", "transfer-encoding", "content-length", "keep-alive"})
# Answers have to come as they are, so that they can be edited.
_KEPT_BACK = _HOP | {"accept-encoding"}
_TIME = re.compile(rb"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(?=(\.\d+)?Z)")


class FaultProxy:
    """`faults` happen in place of an answer; `edit` changes what is passed on, line by line, and
    `tell` says which lines of a stream are sent when one has come."""

    def __init__(self, target: str) -> None:
        self.target = urlsplit(target)
        self.faults: list[Script] = []
        self.requests: list[Request] = []
        self.edit: Callable[[bytes], bytes] = lambda line: line
        self.tell: Callable[[bytes], Iterable[bytes]] = lambda line: [line]
        self.ended = threading.Event()
        self.lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._loopback = Loopback(Handler, proxy=self)

    @property
    def server(self) -> str:
        """Host and port."""
        return self._loopback.server

    @property
    def url(self) -> str:
        """Its address. To the proxy nobody speaks TLS, whatever is behind it."""
        return f"http://{self.server}"

    def cut(self) -> None:
        """Ends every connection that there is; new ones are let through."""
        with self.lock:
            connections, self._open = self._open, set()
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        """Ends them all, and takes no more."""
        if not self.ended.is_set():
            self.ended.set()
            self._loopback.close()
        self.cut()

    def connect(self) -> http.client.HTTPConnection:
        """A connection to the server behind it. Raises OSError."""
        port, host = self.target.port, self.target.hostname or ""
        if self.target.scheme == "https":
            trust = ssl.create_default_context()
            trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
            found: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, port, context=trust
            )
        else:
            found = http.client.HTTPConnection(host, port)
        found.connect()
        self.keep(found.sock)
        return found

    def keep(self, connection: socket.socket) -> None:
        """Remembers a connection that may be cut."""
        with self.lock:
            self._open.add(connection)


class Handler(Connection):
    """One connection of a client's."""

    proxy: FaultProxy

    @property
    def ended(self) -> threading.Event:
        """For faults that wait."""
        return self.proxy.ended

    def _handle(self) -> None:
        self.proxy.keep(self.connection)
        request, self.sent = self.asked()
        request.path = unquote(request.path)
        with self.proxy.lock:
            self.proxy.requests.append(request)
            script = next((s for s in self.proxy.faults if s.takes(request)), None)
        with contextlib.suppress(OSError, http.client.HTTPException):
            if script is None or not script.fault(self):
                self.pass_on()

    do_GET = do_POST = do_DELETE = do_PUT = do_PATCH = _handle

    def pass_on(self, size: float = math.inf) -> None:
        """Answers as the server behind it does; hangs up after so many bytes."""
        try:
            behind = self.proxy.connect()
        except OSError:
            return self.reply(502, BAD_GATEWAY, "text/html")
        try:
            with contextlib.closing(behind):
                kept = {k: v for k, v in self.headers.items() if k.lower() not in _KEPT_BACK}
                behind.request(self.command, self.path, self.sent or None, kept)
                self._send(behind.getresponse(), size)
        except (OSError, http.client.HTTPException):
            self.hang_up()

    def _send(self, answer: http.client.HTTPResponse, left: float) -> None:
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in _HOP:
                self.send_header(name, value)
        chunked = self.protocol_version != "HTTP/1.0"
        if chunked:
            self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        is_stream = "/stream/" in self.path or "watch=1" in self.path
        while line := answer.readline():
            edited = self.proxy.edit(line)
            for told in self.proxy.tell(edited) if is_stream else [edited]:
                piece = told[: int(min(left, len(told)))]
                left -= len(piece)
                if piece:
                    head = f"{len(piece):x}\r\n".encode()
                    self.wfile.write(head + piece + b"\r\n" if chunked else piece)
                    self.wfile.flush()
                if left <= 0:
                    return self.hang_up()
        if chunked:
            self.wfile.write(b"0\r\n\r\n")


@contextlib.contextmanager
def fault_proxy(target: str) -> Iterator[FaultProxy]:
    """A proxy in front of an address; it ends with the context."""
    proxy = FaultProxy(target)
    try:
        yield proxy
    finally:
        proxy.close()


def broken_off(size: int) -> Fault:
    """A fault of a proxy alone: hangs up after so many bytes of the true answer."""

    def fault(handler: Handler) -> bool:
        handler.pass_on(size)
        return True

    return fault


def by_http_1_0(handler: Handler) -> bool:
    """Likewise: the true answer ends with its connection, and has no length."""
    handler.protocol_version, handler.close_connection = "HTTP/1.0", True
    handler.pass_on()
    handler.hang_up()
    return True


def hanging_up(handler: Handler) -> bool:
    """Likewise: the true answer, after which the connection ends, though nobody said so."""
    handler.pass_on()
    handler.hang_up()
    return True


def clock(ahead: timedelta) -> Callable[[bytes], bytes]:
    """An edit: every time is that much later, as if the server's clock went so."""

    def moved(found: re.Match[bytes]) -> bytes:
        time = datetime.fromisoformat(found[0].decode()) + ahead
        return time.isoformat(timespec="seconds").encode()

    return lambda line: _TIME.sub(moved, line)


def repeating() -> Callable[[bytes], Iterable[bytes]]:
    """What to tell: each line twice, and the first one again, which is old by then."""
    first: list[bytes] = []

    def tell(line: bytes) -> Iterable[bytes]:
        if line.strip() and not first:
            first.append(line)
        return [line, line, *first]

    return tell
