"""The one way to speak HTTP: time limits, a size limit, bounded retries, redirects that keep
credentials at home, and errors that name the address but never what was sent with it."""

from __future__ import annotations

import math
import queue
import random
import ssl
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from urllib.parse import urlencode

from tidegate.errors import OutsideError, Unreachable

# httpx looks for its own command line, which would load Rich, click and Pygments before any answer.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type] # None: can't be imported

import httpx  # noqa: E402 after that

_IDEMPOTENT = frozenset({"GET", "HEAD"})
_BUSY = frozenset({429, 500, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# What belongs to one host only, and must not follow a redirect to another.
_PRIVATE_HEADERS = frozenset(
    {"authorization", "cookie", "proxy-authorization", "private-token", "job-token"}
)
_LONGEST_PAUSE = 20.0


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. `headers` has lower-case names; `redirected` says that another host than
    the one that was asked gave it."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    redirected: bool = False


class Http:
    """Sends requests. Safe for several threads at once.

    `timeout` bounds, in seconds, each try from its start to the last byte; `remaining` gives the
    seconds that are left for all of them; `attempts` counts the tries of GET, HEAD and what is
    said to be repeatable (anything else is sent once); `limit` bounds a body, in bytes; `verify`
    says whom certificates must be from, where that is not the system's usual authorities.
    """

    def __init__(
        self,
        *,
        timeout: float = 30.0,
        remaining: Callable[[], float] = lambda: math.inf,
        attempts: int = 3,
        limit: int = 8 * 2**20,
        verify: ssl.SSLContext | None = None,
        transport: httpx.BaseTransport | None = None,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._client = httpx.Client(
            timeout=timeout,
            follow_redirects=False,
            transport=transport,
            trust_env=True,
            verify=verify or True,
        )
        self._timeout, self._attempts, self._limit = timeout, attempts, limit
        self._remaining = remaining
        self._sleep, self._jitter, self._now = sleep, jitter, now

    def close(self) -> None:
        """Closes the connections that are kept open."""
        self._client.close()

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
        content: bytes | None = None,
        redirects: int = 0,
        timeout: float | None = None,
        refusals: bool = False,
        repeatable: bool = False,
    ) -> Answer:
        """The answer, whatever its status below 500 other than 429, after at most `redirects`
        redirects (with none allowed, a redirect is an answer like any other). `timeout` bounds
        all tries together, in seconds, instead of each of them. With `refusals`, the last answer
        with 429 or 5xx is given back too, for its words. `repeatable` says that it does no harm
        to be asked twice.

        Raises Unreachable when nobody answers in time, or with 429 or 5xx to the last, and
        OutsideError for an answer that is too big or a redirect that must not be followed.
        """
        sent = dict(headers or {})
        if form is not None:
            content = urlencode(form).encode()
            sent["Content-Type"] = "application/x-www-form-urlencoded"
        attempts = self._attempts if repeatable or method in _IDEMPOTENT else 1
        left = self._countdown(timeout)
        for attempt in range(1, attempts + 1):
            try:
                answer = self._follow(method, url, sent, content, redirects, left)
            except httpx.TransportError as error:
                if attempt == attempts or left() <= 0 or _is_hopeless(error):
                    raise unreachable(url, error) from None
                pause: float | None = None
            else:
                if answer.status != 429 and answer.status < 500:
                    return answer
                pause = self._asked_pause(answer)
                too_long = pause is not None and pause > _LONGEST_PAUSE
                if attempt == attempts or answer.status not in _BUSY or too_long:
                    if refusals:
                        return answer
                    raise Unreachable(
                        f"{shown(url)} answered with status {answer.status}", hint=_later(pause)
                    )
            backoff = min(0.25 * 2**attempt, _LONGEST_PAUSE) * (0.5 + self._jitter() / 2)
            wanted = backoff if pause is None else pause + self._jitter() / 4
            self._sleep(max(0.0, min(wanted, self._remaining())))
        raise AssertionError("the last attempt returns or raises")

    def _countdown(self, timeout: float | None) -> Callable[[], float]:
        """The seconds that the try which begins now may take."""
        if timeout is None:
            return lambda: min(self._timeout, self._remaining())
        ends = time.monotonic() + timeout
        return lambda: min(ends - time.monotonic(), self._remaining())

    def _follow(
        self,
        method: str,
        url: str,
        headers: dict[str, str],
        content: bytes | None,
        redirects: int,
        left: Callable[[], float],
    ) -> Answer:
        start = url
        while True:
            answer = self._send(method, url, headers, content, left())
            target = answer.headers.get("location")
            if answer.status not in _REDIRECTS or target is None or redirects == 0:
                return replace(answer, redirected=_origin(url) != _origin(start))
            redirects -= 1
            url, headers = _redirected(url, target, headers)

    def _send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        seconds: float,
    ) -> Answer:
        """One exchange. httpx bounds each read, so that a byte a second, be it of a header, would
        keep it happy for ever. A thread that still reads when the time is over is left alone."""
        if seconds <= 0:
            raise httpx.ReadTimeout("no time was left")
        outcome: queue.SimpleQueue[Answer | Exception] = queue.SimpleQueue()

        def exchange() -> None:
            try:
                outcome.put(self._exchange(method, url, headers, content, seconds))
            except Exception as error:  # noqa: BLE001 - raised again by the one who asked
                outcome.put(error)

        threading.Thread(target=exchange, name="http", daemon=True).start()
        try:
            found = outcome.get(timeout=seconds)
        except queue.Empty:
            raise httpx.ReadTimeout("the answer takes too long") from None
        if isinstance(found, Exception):
            raise found
        return found

    def _exchange(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None,
        seconds: float,
    ) -> Answer:
        deadline = time.monotonic() + seconds
        try:
            with self._client.stream(
                method, url, headers=headers, content=content, timeout=seconds
            ) as response:
                body = bytearray()
                for chunk in response.iter_bytes():
                    body += chunk
                    if len(body) > self._limit:
                        raise OutsideError(
                            f"{shown(url)} answered with more than {self._limit} bytes"
                        )
                    if time.monotonic() > deadline:
                        raise httpx.ReadTimeout("the answer takes too long")
                lowered = {name.lower(): value for name, value in response.headers.items()}
                return Answer(response.status_code, lowered, bytes(body))
        except httpx.TransportError:
            raise
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError) as error:
            raise OutsideError(
                f"the exchange with {shown(url)} broke: {type(error).__name__}"
            ) from None

    def _asked_pause(self, answer: Answer) -> float | None:
        """What Retry-After asks for, in seconds."""
        text = answer.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdigit():
            return float(text[:9])
        try:
            when = parsedate_to_datetime(text)
        except ValueError:
            return None
        when = when if when.tzinfo else when.replace(tzinfo=UTC)
        return max(0.0, (when - self._now()).total_seconds())


def shown(url: str) -> str:
    """An address as messages may have it: without credentials, query and fragment."""
    try:
        parsed = httpx.URL(url)
        return str(parsed.copy_with(userinfo=b"", query=None, fragment=None))
    except (httpx.InvalidURL, UnicodeError, ValueError):
        return "an address that makes no sense"


def _redirected(url: str, target: str, headers: dict[str, str]) -> tuple[str, dict[str, str]]:
    try:
        old = httpx.URL(url)
        new = old.join(target)
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise OutsideError(f"{shown(url)} redirects to an address that makes no sense") from None
    if new.scheme not in ("http", "https") or not new.host:
        raise OutsideError(f"{shown(url)} redirects to something that is not HTTP")
    if old.scheme == "https" and new.scheme == "http":
        raise OutsideError(f"{shown(url)} redirects from https to http, which is not followed")
    if _origin(url) != _origin(str(new)):
        headers = {k: v for k, v in headers.items() if k.lower() not in _PRIVATE_HEADERS}
    return str(new), headers


def _origin(url: str) -> tuple[str, str, int]:
    parsed = httpx.URL(url)
    return parsed.scheme, parsed.host, parsed.port or (443 if parsed.scheme == "https" else 80)


def _is_hopeless(error: httpx.TransportError) -> bool:
    """Whether another try would end the same way."""
    return "CERTIFICATE_VERIFY_FAILED" in str(error) or isinstance(
        error, httpx.UnsupportedProtocol | httpx.LocalProtocolError
    )


def unreachable(url: str, error: httpx.TransportError) -> Unreachable:
    """What to tell of an exchange that failed, without what was sent."""
    if "CERTIFICATE_VERIFY_FAILED" in str(error):
        return Unreachable(
            f"the certificate of {shown(url)} can't be verified",
            hint="name your certificate authority's file in SSL_CERT_FILE",
        )
    if isinstance(error, httpx.TimeoutException):
        return Unreachable(f"{shown(url)} did not answer in time")
    if isinstance(error, httpx.ProxyError):
        return Unreachable(f"the proxy on the way to {shown(url)} refused")
    if isinstance(error, httpx.ConnectError):
        return Unreachable(f"{shown(url)} can't be reached: {str(error) or 'no connection'}")
    return Unreachable(f"the connection to {shown(url)} broke ({type(error).__name__})")


def _later(pause: float | None) -> str | None:
    return f"It asks to be left alone for {pause:.0f} s." if pause else "Try again later."
