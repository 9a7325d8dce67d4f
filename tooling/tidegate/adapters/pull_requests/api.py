"""One provider's REST API: tokens, limits, pages, and answers that haven't changed."""

from __future__ import annotations

import json
import math
import random
import re
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from threading import Lock
from typing import Any, Protocol
from urllib.parse import urlencode, urlsplit

from tidegate.adapters.http import Answer, Http
from tidegate.adapters.pull_requests.faults import error_of
from tidegate.adapters.pull_requests.fields import Fields, items, one, parse
from tidegate.adapters.pull_requests.limits import refused_until
from tidegate.errors import OutsideError, RateLimited

Query = Mapping[str, str | None]

PAGE = 100
_MOST_PAGES = 50
ANSWER_LIMIT = 64 * 2**20
_KEPT_ANSWERS, _KEPT_BYTES = 100, 4 * 2**20
_REDIRECTS = 3
_NEXT = re.compile(r"""<([^<>]*)>\s*;\s*rel="?next"?""")
_OK = frozenset({200, 201, 202, 204})


class Bearer(Protocol):
    """Whatever has the token (see `adapters.token.Token`)."""

    @property
    def where(self) -> str:
        """For people: what it comes from."""

    def current(self) -> str:
        """The token to use now."""

    def renewed(self, refused: str) -> str | None:
        """Another one than that which was refused; None where there is none."""


class Api:
    """Safe for several threads at once.

    `base` is what paths are put after, `place` what people call it; `header` is the name and the
    beginning of the value of the header that has the token. `patience` is how many seconds a call
    waits at a rate limit before it gives up; `remaining` gives those that are left for everything.
    """

    def __init__(
        self,
        base: str,
        place: str,
        token: Bearer,
        http: Http,
        *,
        header: tuple[str, str] = ("Authorization", "Bearer "),
        headers: Mapping[str, str] | None = None,
        remaining: Callable[[], float] = lambda: math.inf,
        patience: float = 120.0,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        self.base, self.place, self.credential = base, place, token.where
        self._token, self._header, self._headers = token, header, dict(headers or {})
        self._http = http
        self._remaining, self._patience = remaining, patience
        self._now, self._sleep, self._jitter = now, sleep, jitter
        self._kept: OrderedDict[str, tuple[str, Answer]] = OrderedDict()
        self._lock = Lock()

    def get(self, path: str, subject: str) -> Fields:
        """The object there. Raises what `ports.PullRequests` says; `subject` is what it is about,
        for people."""
        return self._one(self.answer(path, subject))

    def answer(self, path: str, subject: str) -> Answer:
        """The same with its headers."""
        return self._asked("GET", self._url(path), subject)

    def pages(self, path: str, subject: str, query: Query | None = None) -> Iterator[Fields]:
        """All objects of a list."""
        for answer in self.answers(path, subject, query):
            yield from items(self.place, parse(self.place, answer.body))

    def answers(self, path: str, subject: str, query: Query | None = None) -> Iterator[Answer]:
        """The answer of each page."""
        url = self._url(path, {**(query or {}), "per_page": str(PAGE)})
        for _ in range(_MOST_PAGES):
            answer = self._asked("GET", url, subject)
            yield answer
            found = self._next(answer, subject)
            if found is None:
                return
            url = found
        raise OutsideError(f"{self.place} has more than {_MOST_PAGES * PAGE} of {subject}")

    def send(
        self,
        method: str,
        path: str,
        subject: str,
        body: Mapping[str, Any] | None = None,
        *,
        repeatable: bool = False,
    ) -> Fields:
        """What comes back; nothing of an answer that has no body."""
        url = path if "://" in path else self._url(path)
        return self._one(self._asked(method, url, subject, body, repeatable))

    def do(
        self, method: str, path: str, subject: str, body: Mapping[str, Any] | None = None
    ) -> None:
        """The same, where it may be done twice, and what comes back is of no interest."""
        self._asked(method, self._url(path), subject, body, repeatable=True)

    def _one(self, answer: Answer) -> Fields:
        if answer.status == 204 or not answer.body:
            return Fields(self.place)
        return one(self.place, parse(self.place, answer.body))

    def _url(self, path: str, query: Query | None = None) -> str:
        said = {key: value for key, value in (query or {}).items() if value}
        return f"{self.base}/{path}" + (f"?{urlencode(said)}" if said else "")

    def _next(self, answer: Answer, subject: str) -> str | None:
        found = _NEXT.search(answer.headers.get("link", ""))
        if found is None:
            return None
        url, base = found[1], urlsplit(self.base)
        parts = urlsplit(url)
        if (parts.scheme, parts.netloc) != (base.scheme, base.netloc):
            raise OutsideError(f"{self.place} says that more of {subject} is at another host")
        return url

    def _asked(
        self,
        method: str,
        url: str,
        subject: str,
        body: Mapping[str, Any] | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """The answer, at a rate limit after the pause that it asks for, and at a refused token with
        a new one."""
        ends = time.monotonic() + min(self._patience, self._remaining())
        token = self._token.current()
        renewed = False
        while True:
            answer = self._exchange(method, url, body, token, repeatable)
            if answer.redirected:
                raise OutsideError(f"{self.place} sends {subject} to another host")
            if answer.status in _OK:
                return answer
            fresh = None
            if answer.status == 401 and not renewed:
                fresh = self._token.renewed(token)
            until = refused_until(answer, self._now())
            if fresh is not None:
                token, renewed = fresh, True
            elif until is not None:
                self._pause(until, ends)
            else:
                raise error_of(answer, self.place, subject, token)

    def _pause(self, until: datetime, ends: float) -> None:
        """Until then and a little, so that not all who wait come at once. Raises RateLimited where
        that is too long."""
        seconds = max((until - self._now()).total_seconds(), 0.0) + 1 + 4 * self._jitter()
        if seconds > ends - time.monotonic():
            raise RateLimited(
                f"{self.place} was asked too often, and wants no more before "
                f"{until:%Y-%m-%d %H:%M:%S} UTC",
                until=until,
                hint="run the command again after that, or with another token",
            )
        self._sleep(seconds)

    def _exchange(
        self, method: str, url: str, body: Mapping[str, Any] | None, token: str, repeatable: bool
    ) -> Answer:
        """One exchange; what hasn't changed since it was last asked for isn't sent again, and
        counts for no limit."""
        name, beginning = self._header
        headers = {**self._headers, name: beginning + token}
        known = self._known(url) if method == "GET" else None
        if known is not None:
            headers["If-None-Match"] = known[0]
        if body is not None:
            headers["Content-Type"] = "application/json"
        answer = self._http.request(
            method,
            url,
            headers=headers,
            content=None if body is None else json.dumps(body).encode(),
            redirects=_REDIRECTS if method == "GET" else 0,
            refusals=True,
            repeatable=repeatable,
        )
        if known is not None and answer.status == 304:
            return known[1]
        if method == "GET" and answer.status == 200 and not answer.redirected:
            self._keep(url, answer)
        return answer

    def _known(self, url: str) -> tuple[str, Answer] | None:
        with self._lock:
            return self._kept.get(url)

    def _keep(self, url: str, answer: Answer) -> None:
        """In memory alone: what others can write to must not say who approved."""
        tag = answer.headers.get("etag")
        with self._lock:
            self._kept.pop(url, None)
            if tag and len(answer.body) <= _KEPT_BYTES:
                self._kept[url] = tag, answer
            while len(self._kept) > _KEPT_ANSWERS:
                self._kept.popitem(last=False)
