"""What goes wrong between us and Argo CD: the same faults for the small one and for a real one.

Each fault is set up in a proxy. `LASTING` ones never end, `PASSING` ones end after a few requests.
"""

from __future__ import annotations

import math
import ssl
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from tests.support.fault_proxy import (
    BAD_GATEWAY,
    FaultProxy,
    Handler,
    broken_off,
    by_http_1_0,
    clock,
    fault_proxy,
    hanging_up,
    repeating,
)
from tests.support.faults import (
    ANY,
    JSON,
    Fault,
    drop,
    flood,
    on,
    refusal,
    slow,
    status,
    trickle,
)

from tidegate.adapters.argocd import ArgoCd, address_of
from tidegate.adapters.argocd.token import Token
from tidegate.adapters.http import Http
from tidegate.delivery.settling import Patience
from tidegate.domain.live import Lineage, Relation
from tidegate.domain.sync import Aim, AppEnding
from tidegate.flows.converge import Convergence

SetUp = Callable[[FaultProxy], None]
# Reading the system's authorities takes a second for each of us.
_NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

# A proxy in front of Argo CD, and Argo CD itself.
_ANSWERS: Mapping[str, Fault] = {
    "hangs up": drop,
    "cut in the middle": broken_off(100),
    "401": refusal(401, 16, "invalid session: token is expired"),
    "403": refusal(403, 7, "permission denied: applications, get, prod/shop-prod"),
    "404": refusal(404, 5, 'applications.argoproj.io "shop-prod" not found'),
    "409": refusal(409, 10, "the object has been modified"),
    "429": status(429, b"slow down", Retry_After="1"),
    "429 of Argo CD": refusal(429, 8, "too many requests"),
    "500": refusal(500, 13, "etcdserver: request timed out"),
    "502 with HTML": status(502, BAD_GATEWAY, "text/html"),
    "503": refusal(503, 14, "connection error: desc = transport is closing"),
    "a login page": status(200, b"<html><form>password</form></html>", "text/html"),
    "a redirect to a login page": status(302, Location="https://login.example.com/?to=argocd"),
    "packed, but not by gzip": status(200, b"{}", JSON, Content_Encoding="gzip"),
    "rubbish": status(200, b'{"items": [', JSON),
    "empty": status(200, b"{}", JSON),
}
# What nobody should give up for, when it passes.
TRANSIENT = (
    *("hangs up", "cut in the middle", "429", "429 of Argo CD", "500", "502 with HTML", "503"),
)


def _everywhere(fault: Fault, times: float = math.inf, after: int = 0) -> SetUp:
    return lambda proxy: proxy.faults.append(on(ANY, "", fault, times=times, after=after))


def _stream(fault: Fault, times: float = math.inf) -> SetUp:
    paths = "/stream/|/argoproj.io/.*/applications$"
    return lambda proxy: proxy.faults.append(on(ANY, paths, fault, times=times))


def _closed(proxy: FaultProxy) -> None:
    proxy.close()


def _ahead(minutes: int) -> SetUp:
    def set_up(proxy: FaultProxy) -> None:
        proxy.edit = clock(timedelta(minutes=minutes))

    return set_up


def _repeats(proxy: FaultProxy) -> None:
    proxy.tell = repeating()


def _rotated(proxy: FaultProxy) -> None:
    """After some requests the token that was used for them is accepted no more."""
    used: list[str] = []
    refuse = refusal(401, 16, "invalid session: account password has changed")

    def fault(handler: Handler) -> bool:
        used.append(str(handler.headers["Authorization"]))
        if len(used) == 4:
            proxy.cut()
        return len(used) > 3 and used[-1] == used[0] and refuse(handler)

    proxy.faults.append(on(ANY, "", fault, times=math.inf))


def lost_sight(proxy: FaultProxy) -> None:
    """The first refresh is answered, and none after it."""
    fault = on(ANY, "/applications/[^/]+$", _ANSWERS["503"], times=math.inf, after=1)
    proxy.faults.append(fault)


# They are there from the beginning or begin in the middle, and never end.
LASTING: Mapping[str, SetUp] = {
    "nobody listens": _closed,
    "slow": _everywhere(slow(600)),
    "a byte now and then": _everywhere(trickle),
    "an answer without end": _everywhere(flood),
    **{name: _everywhere(fault) for name, fault in _ANSWERS.items()},
    **{f"{name}, in the middle": _everywhere(f, after=4) for name, f in _ANSWERS.items()},
    "refreshes never end": lambda proxy: proxy.faults.append(
        on(ANY, "/applications/[^/]+$", slow(600), times=math.inf)
    ),
}
# With these everything can be seen, late or more than once.
HARMLESS: Mapping[str, SetUp] = {
    "nothing": lambda proxy: None,
    "a little slow": _everywhere(slow(0.3)),
    "a stream that dies at once": _stream(broken_off(1)),
    "a stream that dies after a frame": _stream(broken_off(6_000)),
    "a stream that repeats": _repeats,
    "a clock that is ahead": _ahead(7),
    "a clock that is years behind": _ahead(-20 * 365 * 24 * 60),
    "a proxy that speaks HTTP/1.0": _everywhere(by_http_1_0),
    "a connection that ends after each answer": _everywhere(hanging_up),
    "the token is rotated": _rotated,
    "503, for some time": _everywhere(_ANSWERS["503"], times=7),
    **{f"{name}, twice": _everywhere(_ANSWERS[name], times=2) for name in TRANSIENT},
    **{
        f"{name}, twice in the middle": _everywhere(_ANSWERS[name], times=2, after=3)
        for name in TRANSIENT
    },
}


class Table:
    """Git's word, without Git."""

    def __init__(self, relations: Mapping[str, Relation]) -> None:
        self._relations = relations

    def of(self, revision: str, aim: Aim) -> Lineage:
        """As the table has it."""
        return Lineage(revision, self._relations.get(revision, Relation.UNKNOWN))


def tokens(*values: str) -> Token:
    """A token that is another one whenever it is asked for, until the last."""
    left = list(values)
    return Token(lambda: left.pop(0) if len(left) > 1 else left[0], "the test")


def wait_behind(
    target: str,
    set_up: SetUp,
    aim: Aim,
    relations: Mapping[str, Relation],
    token: Token,
    *,
    environment: str = "prod",
    project: str,
    seconds: float,
    healthy: float = 0.0,
) -> AppEnding:
    """How a wait ends whose every call to the Argo CD at `target` meets the fault."""
    with fault_proxy(target) as proxy:
        set_up(proxy)
        ends = time.monotonic() + seconds

        def remaining() -> float:
            return ends - time.monotonic()

        address = address_of(proxy.server, plain_text=True)
        http = Http(remaining=remaining, verify=_NOBODY)
        convergence = Convergence(
            environment,
            [aim],
            ArgoCd(address, token, remaining=remaining, http=http),
            Table(relations),
            project=project,
            remaining=remaining,
            date=lambda: datetime.now(UTC),
            watching=lambda app, ending: None,
            patience=Patience(healthy=healthy),
        )
        (ending,) = convergence.run()
        return ending
