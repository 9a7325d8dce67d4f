"""adapters/http.py, over httpx's own transport for tests."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from datetime import UTC, datetime

import httpx
import pytest

from tidegate.adapters.http import Http, shown
from tidegate.errors import OutsideError, Unreachable

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SECRET = "hunter2"  # looked for in messages


class Exchange:
    """A client whose answers a function gives, with what was sent and how long it paused."""

    def __init__(self, answer: Callable[[httpx.Request], httpx.Response], limit: int = 1000):
        self.requests: list[httpx.Request] = []
        self.pauses: list[float] = []

        def record(request: httpx.Request) -> httpx.Response:
            self.requests.append(request)
            return answer(request)

        self.http = Http(
            transport=httpx.MockTransport(record),
            sleep=self.pauses.append,
            jitter=lambda: 1.0,
            now=lambda: NOW,
            limit=limit,
        )


def _in_turn(*answers: httpx.Response | Exception) -> Callable[[httpx.Request], httpx.Response]:
    queue = list(answers)

    def answer(_: httpx.Request) -> httpx.Response:
        following = queue.pop(0)
        if isinstance(following, Exception):
            raise following
        return following

    return answer


def test_an_answer_is_read_whole() -> None:
    exchange = Exchange(_in_turn(httpx.Response(404, headers={"X-Name": "v"}, content=b"no")))
    answer = exchange.http.request("GET", "https://example.com/a")
    assert (answer.status, answer.headers["x-name"], answer.body) == (404, "v", b"no")
    assert not answer.redirected


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(status: int) -> None:
    exchange = Exchange(_in_turn(httpx.Response(status), httpx.Response(200)))
    assert exchange.http.request("GET", "https://example.com").status == 200
    assert exchange.pauses == [0.5]


def test_a_broken_connection_is_tried_again_with_longer_pauses() -> None:
    exchange = Exchange(
        _in_turn(httpx.ConnectError("refused"), httpx.ReadTimeout(""), httpx.Response(200))
    )
    assert exchange.http.request("HEAD", "https://example.com").status == 200
    assert exchange.pauses == [0.5, 1.0]


def test_attempts_are_bounded() -> None:
    exchange = Exchange(lambda _: httpx.Response(503))
    with pytest.raises(Unreachable, match="status 503"):
        exchange.http.request("GET", "https://example.com")
    assert len(exchange.requests) == 3


@pytest.mark.parametrize(
    ("asked", "pause"),
    [("3", 3.25), ("Thu, 01 Jan 2026 00:00:07 GMT", 7.25), ("soon", 0.5), ("-1", 0.5), ("²", 0.5)],
)
def test_retry_after_is_honoured(asked: str, pause: float) -> None:
    busy = httpx.Response(429, headers=[(b"Retry-After", asked.encode("utf-8"))])
    exchange = Exchange(_in_turn(busy, httpx.Response(200)))
    exchange.http.request("GET", "https://example.com")
    assert exchange.pauses == [pause]


def test_a_pause_that_is_too_long_is_left_to_the_user() -> None:
    exchange = Exchange(lambda _: httpx.Response(429, headers={"Retry-After": "3600"}))
    with pytest.raises(Unreachable) as caught:
        exchange.http.request("GET", "https://example.com")
    assert exchange.pauses == []
    assert caught.value.hint == "It asks to be left alone for 3600 s."


@pytest.mark.parametrize("failure", [httpx.Response(503), httpx.ReadError("reset")])
def test_what_is_not_idempotent_is_sent_once(failure: httpx.Response | Exception) -> None:
    exchange = Exchange(_in_turn(failure))
    with pytest.raises(Unreachable):
        exchange.http.request("POST", "https://example.com", form={"a": "b c"})
    assert exchange.requests[0].content == b"a=b+c"
    assert exchange.requests[0].headers["Content-Type"] == "application/x-www-form-urlencoded"


def test_an_untrusted_certificate_is_not_tried_again() -> None:
    failure = httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed")
    exchange = Exchange(_in_turn(failure))
    with pytest.raises(Unreachable, match=r"certificate of https://example\.com") as caught:
        exchange.http.request("GET", "https://example.com")
    assert "SSL_CERT_FILE" in str(caught.value.hint)


def test_a_body_has_a_limit() -> None:
    exchange = Exchange(lambda _: httpx.Response(200, content=b"x" * 1001))
    with pytest.raises(OutsideError, match="more than 1000 bytes"):
        exchange.http.request("GET", "https://example.com")


def test_a_body_that_grows_when_unpacked_has_it_too() -> None:
    import gzip

    packed = gzip.compress(b"x" * 100_000)
    exchange = Exchange(
        lambda _: httpx.Response(200, headers={"Content-Encoding": "gzip"}, content=packed)
    )
    with pytest.raises(OutsideError, match="more than 1000 bytes"):
        exchange.http.request("GET", "https://example.com")


def test_redirects_are_answers_unless_they_are_allowed() -> None:
    exchange = Exchange(lambda _: httpx.Response(302, headers={"Location": "/b"}))
    assert exchange.http.request("GET", "https://example.com/a").status == 302
    assert exchange.http.request("GET", "https://example.com/a", redirects=4).status == 302
    assert len(exchange.requests) == 6


@pytest.mark.parametrize(
    ("target", "kept"),
    [
        ("/b", True),
        ("https://example.com:443/b", True),
        ("https://example.com:8443/b", False),
        ("https://sub.example.com/b", False),
        ("//other.example/b", False),
        ("https://example.com@other.example/b", False),
    ],
)
def test_credentials_stay_with_their_host(target: str, kept: bool) -> None:
    moved = httpx.Response(307, headers={"Location": target})
    exchange = Exchange(_in_turn(moved, httpx.Response(200)))
    headers = {"authorization": f"Bearer {SECRET}", "Cookie": SECRET, "Accept": "x"}
    answer = exchange.http.request("GET", "https://example.com/a", headers=headers, redirects=1)
    second = exchange.requests[1].headers
    assert (f"Bearer {SECRET}" == second.get("authorization")) == kept
    assert (second.get("cookie") == SECRET) == kept
    assert second["accept"] == "x"
    assert answer.redirected != kept


@pytest.mark.parametrize(
    "target", ["http://example.com/b", "ftp://example.com", "file:///etc/passwd"]
)
def test_some_redirects_are_never_followed(target: str) -> None:
    exchange = Exchange(lambda _: httpx.Response(302, headers={"Location": target}))
    with pytest.raises(OutsideError, match="redirects"):
        exchange.http.request("GET", f"https://example.com/?token={SECRET}", redirects=1)
    assert len(exchange.requests) == 1


@pytest.mark.parametrize("failure", [httpx.ConnectError("no"), httpx.ReadTimeout(""), None])
def test_messages_have_no_secrets(failure: Exception | None) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        if failure:
            raise failure
        return httpx.Response(500, text=SECRET)

    with pytest.raises(Unreachable) as caught:
        Exchange(answer).http.request(
            "GET",
            f"https://user:{SECRET}@example.com/path?token={SECRET}#{SECRET}",
            headers={"Authorization": SECRET},
        )
    assert SECRET not in str(caught.value) + str(caught.value.hint)
    assert "https://example.com/path" in str(caught.value)


@pytest.mark.parametrize(
    "url", ["https://[", "https://exa mple\n.com", "nonsense", "https://" + "a" * 300]
)
def test_an_address_that_makes_no_sense_is_an_error_of_ours(url: str) -> None:
    http = Http(sleep=lambda _: None)
    with pytest.raises(OutsideError):
        http.request("GET", url)
    assert shown(url)


@pytest.mark.parametrize("start", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["header", "body"])
def test_a_server_that_drips_is_given_up(start: bytes) -> None:
    """A byte now and then is never late, and never the end."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def drip() -> None:
            with listener.accept()[0] as connection, contextlib.suppress(OSError):
                connection.sendall(start or b"HTTP/1.1 200 OK\r\nX-Long: ")
                while not over.wait(0.02):
                    connection.sendall(b"x")

        thread = threading.Thread(target=drip)
        thread.start()
        try:
            with pytest.raises(Unreachable, match="did not answer in time"):
                Http(timeout=0.3, attempts=1).request(
                    "GET", f"http://127.0.0.1:{listener.getsockname()[1]}/"
                )
        finally:
            over.set()
            thread.join()


def test_no_try_and_no_pause_outlasts_the_time_that_is_left_for_all() -> None:
    left = [5.0, 5.0, 3.0, 0.0, 0.0]
    asked: list[float | None] = []
    pauses: list[float] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.extensions["timeout"]["read"])
        return httpx.Response(503, headers={"Retry-After": "10"})

    http = Http(
        transport=httpx.MockTransport(answer),
        sleep=pauses.append,
        remaining=lambda: left.pop(0) if left else 0.0,
    )
    with pytest.raises(Unreachable, match="did not answer in time"):
        http.request("GET", "https://example.com")
    assert (asked, pauses) == ([5.0], [5.0]) or (asked, pauses) == ([5.0, 3.0], [5.0, 0.0])
