"""One connection of a watch, read in a thread of its own so that nobody waits for it longer than
he wants to."""

from __future__ import annotations

import contextlib
import queue
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx

from tidegate.adapters.argocd.faults import Refused
from tidegate.adapters.argocd.frames import Splitter
from tidegate.adapters.http import Answer, shown, unreachable
from tidegate.errors import TidegateError, Unreachable

_CONNECTING_SECONDS = 10.0
# As many frames wait for whoever watches; then the server has to.
_WAITING = 256
_REFUSAL_LIMIT = 2**16
_KINDS = ("text/event-stream", "application/json")


@dataclass(frozen=True, slots=True)
class Opened:
    """The server has begun to answer."""


@dataclass(frozen=True, slots=True)
class Ended:
    """The connection is over: closed by the server, or by an error."""

    error: TidegateError | Refused | None


Arrival = Opened | Ended | bytes


class Stream:
    """A connection that is being read. `silence` is how many seconds may pass without a byte;
    `refuse` raises what an answer means that is no stream."""

    def __init__(
        self,
        url: str,
        headers: Mapping[str, str],
        *,
        verify: ssl.SSLContext | None,
        silence: float,
        refuse: Callable[[Answer], object],
    ) -> None:
        self._url, self._headers, self._refuse = url, headers, refuse
        self._arrivals: queue.Queue[Arrival] = queue.Queue(_WAITING)
        self._closed = threading.Event()
        self._socket: socket.socket | None = None
        timeout = httpx.Timeout(silence, connect=_CONNECTING_SECONDS)
        self._client = httpx.Client(timeout=timeout, verify=verify or True)
        threading.Thread(target=self._run, name="argocd-stream", daemon=True).start()

    def next(self, seconds: float) -> Arrival | None:
        """The next thing that came, None when nothing does in time."""
        with contextlib.suppress(queue.Empty):
            return self._arrivals.get(timeout=max(seconds, 0.0))
        return None

    def close(self) -> None:
        """Hangs up at once, whatever the thread waits for."""
        self._closed.set()
        with contextlib.suppress(OSError):
            if self._socket is not None:
                self._socket.shutdown(socket.SHUT_RDWR)
        with contextlib.suppress(queue.Empty):
            while True:
                self._arrivals.get_nowait()

    def _run(self) -> None:
        error: TidegateError | Refused | None = None
        try:
            self._read()
        except httpx.TransportError as broken:
            error = unreachable(self._url, broken)
        except (TidegateError, Refused) as told:
            error = told
        except Exception as broken:  # noqa: BLE001 - whoever watches must not wait for a dead thread
            error = Unreachable(f"the stream of {shown(self._url)} broke: {type(broken).__name__}")
        finally:
            self._client.close()
        self._put(Ended(error))

    def _read(self) -> None:
        headers = {**self._headers, "Accept-Encoding": "identity"}
        extensions = {"trace": self._notice}
        with self._client.stream("GET", self._url, headers=headers, extensions=extensions) as got:
            kind = got.headers.get("content-type", "").partition(";")[0].strip().lower()
            if got.status_code != 200 or kind not in _KINDS:
                self._refuse(_whole(got))
            self._put(Opened())
            splitter = Splitter()
            for chunk in got.iter_bytes():
                for frame in splitter.feed(chunk):
                    self._put(frame)
                if self._closed.is_set():
                    return

    def _notice(self, event: str, info: Mapping[str, Any]) -> None:
        """Remembers the socket: before the first byte comes there is no response to close."""
        if event == "connection.connect_tcp.complete":
            self._socket = info["return_value"].get_extra_info("socket")
            if self._closed.is_set():
                raise httpx.ReadError("closed")

    def _put(self, arrival: Arrival) -> None:
        while not self._closed.is_set():
            with contextlib.suppress(queue.Full):
                self._arrivals.put(arrival, timeout=1.0)
                return


def _whole(response: httpx.Response) -> Answer:
    body = b""
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _REFUSAL_LIMIT:
            break
    headers = {name.lower(): value for name, value in response.headers.items()}
    return Answer(response.status_code, headers, body[:_REFUSAL_LIMIT])
