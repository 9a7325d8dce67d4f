"""What the adapter says when the server is down, slow, broken, or wants other credentials."""

from __future__ import annotations

import base64
import gzip
import json
import socket
import threading
import traceback
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tidegate.adapters.mlflow import MlflowRegistry, library
from tidegate.domain.model import VersionQuery
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import NotFound, OutsideError, TidegateError, Unreachable

QUERY = VersionQuery("shop", version="1")


@dataclass
class Canned:
    """A server that gives one answer to everything, and remembers what it was asked."""

    port: int = 0
    status: int = 200
    body: bytes = b"{}"
    kind: str = "application/json"
    length: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    authorizations: list[str | None] = field(default_factory=list)
    released: threading.Event = field(default_factory=threading.Event)
    silent: bool = False
    dripping: bool = False

    @property
    def uri(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@pytest.fixture
def canned() -> Iterator[Canned]:
    answer = Canned()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            answer.authorizations.append(self.headers["Authorization"])
            if answer.silent:
                answer.released.wait()
                return
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(answer.length or len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            while answer.dripping and not answer.released.wait(0.1):
                self.wfile.write(b" ")
            self.wfile.write(answer.body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        answer.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield answer
        finally:
            answer.released.set()
            server.shutdown()
            thread.join()


def error_of(uri: str, *, timeout: float = 5.0, retries: int = 1) -> TidegateError:
    answer = MlflowRegistry(uri, timeout=timeout, retries=retries).versions([QUERY])[QUERY]
    assert isinstance(answer, TidegateError)
    assert answer.message.isprintable()
    return answer


def closed_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return int(listener.getsockname()[1])


def test_a_server_that_is_down_is_unreachable():
    error = error_of(f"http://127.0.0.1:{closed_port()}")
    assert isinstance(error, Unreachable)
    assert "Connection refused" in error.message


def test_a_host_that_has_no_address_is_unreachable():
    error = error_of("http://mlflow.invalid:5000")
    assert isinstance(error, Unreachable)
    assert "http://mlflow.invalid:5000" in error.message


def test_a_server_that_never_answers_is_unreachable_and_asked_once(canned):
    canned.silent = True
    registry = MlflowRegistry(canned.uri, timeout=0.5, retries=2)
    queries = [VersionQuery(f"shop-{number}", version="1") for number in range(200)]
    answers = registry.versions(queries)
    assert all(isinstance(answer, Unreachable) for answer in answers.values())
    assert "did not answer within 0.5 s" in str(answers[queries[0]])
    assert len(canned.authorizations) <= 4


def test_a_server_that_sends_a_byte_now_and_then_is_unreachable(canned):
    canned.dripping, canned.length = True, 10_000
    assert isinstance(error_of(canned.uri, timeout=0.5), Unreachable)


def test_runs_of_a_silent_server_are_unavailable(canned):
    canned.silent = True
    run_ids = [f"{number:032x}" for number in range(50)]
    answers = MlflowRegistry(canned.uri, timeout=0.5).runs(run_ids)
    assert list(answers) == run_ids
    for answer in answers.values():
        assert isinstance(answer, Unavailable)
        assert "did not answer within 0.5 s" in answer.reason


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_failing_server_is_tried_again_and_reported(canned, status):
    canned.status, canned.body = status, b'{"error_code": "INTERNAL_ERROR", "message": "boom"}'
    error = error_of(canned.uri, retries=2)
    assert type(error) is OutsideError
    assert f"HTTP {status}" in error.message
    assert len(canned.authorizations) == 3


def test_a_server_that_always_fails_is_given_up(canned):
    canned.status = 500
    registry = MlflowRegistry(canned.uri, retries=0)
    queries = [VersionQuery(f"shop-{number}", version="1") for number in range(500)]
    answers = registry.versions(queries)
    assert all(type(answer) is OutsideError for answer in answers.values())
    assert len(canned.authorizations) < 20


def test_a_server_that_asks_to_come_back_tomorrow_is_not_waited_for(canned):
    canned.status, canned.headers = 503, {"Retry-After": "86400"}
    assert isinstance(error_of(canned.uri, timeout=0.5), OutsideError)


PAGE = (
    b"<html><head><title>t</title></head><script>steal()</script><body>"
    b"<h1>Sign\n in\x1b[31m</h1> to the proxy</body></html>"
)


@pytest.mark.parametrize("status", [200, 404, 418])
def test_a_web_page_is_quoted_in_short_and_clean(canned, status):
    canned.status, canned.body, canned.kind = status, PAGE, "text/html"
    error = error_of(canned.uri)
    assert type(error) is OutsideError
    assert "Sign in [31m to the proxy" in error.message
    assert "steal" not in error.message
    assert len(error.message) < 350


def test_a_huge_page_is_quoted_in_short(canned):
    canned.body, canned.kind = b"<" * 5_000_000, "text/html"
    error = error_of(canned.uri)
    assert type(error) is OutsideError
    assert len(error.message) < 350


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("packed", [False, True])
def test_an_answer_that_never_seems_to_end_is_an_error(canned, status, packed):
    canned.status, canned.body = status, b" " * (library.ANSWER_LIMIT + 1)
    if packed:  # small on its way, and huge when it is unpacked
        canned.body, canned.headers = gzip.compress(canned.body, 1), {"Content-Encoding": "gzip"}
    error = error_of(canned.uri, timeout=20)
    assert type(error) is OutsideError
    assert error.message == f"MLflow at {canned.uri} answered with more than 32 MiB"
    canned.body = canned.body[: library.ANSWER_LIMIT]
    assert "32 MiB" not in error_of(canned.uri, timeout=20).message or packed


def test_experiments_without_end_are_not_all_listed(canned):
    canned.body = b'{"experiments": [{"experiment_id": "1"}], "next_page_token": "again"}'
    answers = MlflowRegistry(canned.uri).runs([f"{number:032x}" for number in range(8)])
    assert all(isinstance(answer, Unavailable) for answer in answers.values())
    assert len(canned.authorizations) < 100


def test_no_question_outlasts_the_time_that_is_left_for_all(canned):
    canned.silent = True
    registry = MlflowRegistry(canned.uri, timeout=60, remaining=lambda: 0.3)
    assert "did not answer within 0.3 s" in str(registry.versions([QUERY])[QUERY])
    over = MlflowRegistry(canned.uri, timeout=60, remaining=lambda: -1.0)
    assert isinstance(over.versions([QUERY])[QUERY], Unreachable)


def test_an_answer_that_was_cut_is_an_error(canned):
    canned.body = b'{"model_version": {"name": "sh'
    assert type(error_of(canned.uri)) is OutsideError


def test_a_connection_that_was_cut_is_an_error(canned):
    canned.body, canned.length = b'{"model_version": {"name": "sh', 500
    assert isinstance(error_of(canned.uri, retries=0), OutsideError)


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"model_version": 5},
        {"model_version": {"name": "other", "version": "1", "status": "READY"}},
        {"model_version": {"name": "shop", "version": "2", "status": "READY"}},
    ],
)
def test_json_that_is_no_answer_is_an_error(canned, body):
    canned.body = json.dumps(body).encode()
    error = error_of(canned.uri)
    assert isinstance(error, OutsideError)
    assert not isinstance(error, NotFound | Unreachable)


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("body", [b"You are not authenticated", b'{"error_code": "%s"}'])
def test_refused_credentials_say_which_variables_to_set(canned, status, body):
    canned.status = status
    code = b"UNAUTHENTICATED" if status == 401 else b"PERMISSION_DENIED"
    canned.body = body.replace(b"%s", code)
    error = error_of(canned.uri)
    assert type(error) is OutsideError
    assert f"HTTP {status}" in error.message
    assert error.hint is not None
    assert "MLFLOW_TRACKING_TOKEN" in error.hint


def test_credentials_in_the_address_work_and_are_never_shown(canned):
    basic = base64.b64encode(b"anna:s3cr3t/pw").decode()
    canned.status, canned.kind = 403, "text/plain"
    canned.body = f"anna:s3cr3t%2Fpw s3cr3t/pw http://anna:s3cr3t%2Fpw@host/ {basic}".encode()
    uri = f"http://anna:s3cr3t%2Fpw@127.0.0.1:{canned.port}"
    error = error_of(uri)
    assert canned.authorizations == [f"Basic {basic}"]
    shown = "".join(traceback.format_exception(error)) + str(error.hint) + repr(error)
    for secret in ("s3cr3t", basic):
        assert secret not in shown
    assert canned.uri in error.message


def test_credentials_are_not_shown_when_the_server_is_down():
    port = closed_port()
    error = error_of(f"http://anna:s3cr3t@127.0.0.1:{port}")
    assert "s3cr3t" not in "".join(traceback.format_exception(error))
    assert f"http://127.0.0.1:{port}" in error.message


@pytest.mark.parametrize("variable", ["MLFLOW_TRACKING_TOKEN", "MLFLOW_TRACKING_PASSWORD"])
def test_credentials_from_the_environment_work_and_are_never_shown(canned, monkeypatch, variable):
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "anna")
    monkeypatch.setenv(variable, "s3cr3t-value")
    basic = base64.b64encode(b"anna:s3cr3t-value").decode()
    expected = "Bearer s3cr3t-value" if variable.endswith("TOKEN") else f"Basic {basic}"
    canned.status, canned.body = 401, f"no: {expected}".encode()
    error = error_of(canned.uri)
    assert canned.authorizations == [expected]
    assert "s3cr3t-value" not in error.message
    assert basic not in error.message
