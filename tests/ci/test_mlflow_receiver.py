"""The example that takes MLflow's webhooks: signed by a real MLflow server, and by those who would
like to be one."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ci.mlflow.receiver import (
    LONGEST_BODY,
    MOST_REMEMBERED,
    TOLERANCE,
    Candidate,
    Receiver,
    Refused,
    Settings,
    dispatch,
    read_settings,
    serve,
)
from tests.support import github_openapi
from tests.support.argocd import Request
from tests.support.http_fake import Answer, FakeServer
from tests.support.mlflow_server import MlflowStore, client, register

pytestmark = pytest.mark.xdist_group("mlflow")  # one server for all tests that want one

SECRET, NOW = "a-secret-of-the-test", 1_790_000_000
DISPATCHES = "/repos/acme/gitops/dispatches"
SETTINGS = Settings(SECRET, {"shop-model": "shop"}, "candidate", "acme/gitops", "a-token")


def body_of(**data: Any) -> bytes:
    usual = {"name": "shop-model", "alias": "candidate", "version": "7"}
    event = {"entity": "model_version_alias", "action": "created", "timestamp": "2026-11-28T10:00Z"}
    return json.dumps({**event, "data": {**usual, **data}}).encode()


def signed(body: bytes, identity: str = "d-1", at: int = NOW, secret: str = SECRET) -> Any:
    digest = hmac.digest(secret.encode(), f"{identity}.{at}.".encode() + body, hashlib.sha256)
    return {
        "X-MLflow-Delivery-Id": identity,
        "X-MLflow-Timestamp": str(at),
        "X-MLflow-Signature": f"v1,{base64.b64encode(digest).decode()}",
    }


class Sent(list[Candidate]):
    """Stands where GitHub would; refuses as often as `refusals` says."""

    refusals = 0

    def __call__(self, candidate: Candidate, settings: Settings) -> None:
        if self.refusals:
            self.refusals -= 1
            raise Refused(http.HTTPStatus.BAD_GATEWAY, "GitHub answered 500")
        self.append(candidate)


@pytest.fixture
def sent() -> Sent:
    return Sent()


def receive(sent: Sent, headers: Any, body: bytes, now: float = NOW) -> int:
    return Receiver(SETTINGS, sent, lambda: now).receive(headers, body)[0].value


def test_what_got_the_alias_is_sent_on_as_app_and_version(sent: Sent) -> None:
    assert receive(sent, signed(body_of()), body_of()) == 202
    assert sent == [Candidate("shop", "7")]


@pytest.mark.parametrize(
    "change",
    [
        {"X-MLflow-Signature": ""},
        {"X-MLflow-Signature": "v1,"},
        {"X-MLflow-Signature": "v1,é"},
        {"X-MLflow-Signature": "v2," + "A" * 43 + "="},
        {"X-MLflow-Signature": signed(body_of(), secret="another-secret")["X-MLflow-Signature"]},
        {"X-MLflow-Delivery-Id": "d-2"},
        {"X-MLflow-Delivery-Id": ""},
        {"X-MLflow-Delivery-Id": "d-1." + str(NOW)},
        {"X-MLflow-Timestamp": str(NOW + 1)},
        {"X-MLflow-Timestamp": "٣"},
        {"X-MLflow-Timestamp": "-1"},
        signed(body_of(), at=NOW - TOLERANCE - 1),
        signed(body_of(), at=NOW + TOLERANCE + 1),
        signed(body_of(version="8")),
    ],
)
def test_what_mlflow_has_not_signed_lately_is_refused(sent: Sent, change: Any) -> None:
    assert receive(sent, {**signed(body_of()), **change}, body_of()) == 401
    assert sent == []


@pytest.mark.parametrize(
    "body",
    [
        body_of(name="another-model"),
        body_of(alias="champion"),
        body_of().replace(b"created", b"deleted"),
        json.dumps({"entity": "prompt", "action": "created", "data": {}}).encode(),
    ],
)
def test_other_events_are_nothing_to_do(sent: Sent, body: bytes) -> None:
    assert receive(sent, signed(body), body) == 200
    assert sent == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"[]",
        b'"x"',
        b"[" * 50_000,
        json.dumps({"entity": "model_version_alias", "action": "created", "data": []}).encode(),
        body_of(name=["shop-model"]),
        body_of(version="7; rm -rf /"),
        body_of(version="٧"),
        body_of(version=True),
        body_of(version="0"),
        body_of(version=""),
    ],
)
def test_what_makes_no_sense_is_refused_even_when_it_is_signed(sent: Sent, body: bytes) -> None:
    assert receive(sent, signed(body), body) == 400
    assert sent == []


def test_a_delivery_is_done_once_and_tried_again_until_it_is(sent: Sent) -> None:
    receiver, body = Receiver(SETTINGS, sent, lambda: NOW), body_of()
    sent.refusals = 1
    answers = [receiver.receive(signed(body), body)[0].value for _ in range(3)]
    assert answers == [502, 202, 200]
    assert sent == [Candidate("shop", "7")]
    assert receiver.receive(signed(body, "d-2"), body)[0].value == 202


def test_what_is_remembered_is_bounded_in_time_and_number(sent: Sent) -> None:
    clock = [float(NOW)]
    receiver, body = Receiver(SETTINGS, sent, lambda: clock[0]), body_of()
    for number in range(MOST_REMEMBERED + 5):
        receiver.receive(signed(body, f"d-{number}"), body)
    assert len(receiver._done) == MOST_REMEMBERED
    clock[0] += 2 * TOLERANCE + 1
    receiver.receive(signed(body, "late", int(clock[0])), body)
    assert [*receiver._done] == ["late"]


class Dispatches(FakeServer):
    """As much of GitHub as is needed."""

    status = 204

    def __init__(self) -> None:
        self.asked = threading.Condition()
        self.violations: list[str] = []
        super().__init__()

    def answer(self, request: Request) -> Answer:
        found = github_openapi.request_violations(request.method, request.path, set(), request.body)
        with self.asked:
            self.violations += found
            self.asked.notify_all()
        return Answer(self.status)


@pytest.fixture
def github() -> Iterator[Dispatches]:
    fake = Dispatches()
    yield fake
    fake.close()
    assert fake.violations == []


def test_github_is_asked_as_its_document_says(github: Dispatches) -> None:
    settings = Settings(SECRET, {}, "candidate", "acme/gitops", "a-token", github.url)
    dispatch(Candidate("shop", "7"), settings)
    (request,) = github.requests
    assert (request.method, request.path) == ("POST", DISPATCHES)
    assert request.headers["authorization"] == "Bearer a-token"
    payload = {"app": "shop", "version": "7"}
    assert request.body == {"event_type": "model-version-registered", "client_payload": payload}
    github.status = 403
    with pytest.raises(Refused, match="GitHub answered 403"):
        dispatch(Candidate("shop", "7"), settings)


def test_a_github_that_is_down_is_no_reason_to_fall(sent: Sent) -> None:
    settings = Settings(SECRET, {}, "candidate", "acme/gitops", "a-token", "http://127.0.0.1:1")
    with pytest.raises(Refused, match="ConnectError"):
        dispatch(Candidate("shop", "7"), settings)


@pytest.fixture
def port(github: Dispatches) -> Iterator[int]:
    """Where a receiver listens."""
    apps = {"hook-model": "shop"}
    settings = Settings(SECRET, apps, "candidate", "acme/gitops", "a-token", github.url)
    with serve(Receiver(settings), 0) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("length", "status"), [("", 411), ("-1", 411), (str(LONGEST_BODY + 1), 413), ("0", 401)]
)
def test_a_body_is_not_read_before_its_length_is_known(port: int, length: str, status: int) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", length)
    connection.endheaders()
    assert connection.getresponse().status == status
    connection.close()


def is_answered(slow: socket.socket) -> bool:
    """Sends a byte more, and says whether an answer or the end has come."""
    try:
        slow.send(b"x")
        slow.recv(1000)
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


@pytest.mark.parametrize(
    "beginning",
    [b"POST / HTTP/1.1\r\nX-Slow: ", b"POST / HTTP/1.1\r\nContent-Length: 60000\r\n\r\n"],
)
def test_whoever_drips_is_not_listened_to_for_ever(sent: Sent, beginning: bytes) -> None:
    with serve(Receiver(SETTINGS, sent), 0, longest=0.2) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        with socket.create_connection(server.server_address[:2], timeout=60) as slow:
            slow.sendall(beginning)
            slow.setblocking(False)
            pause = threading.Event()
            assert any(is_answered(slow) or pause.wait(0.01) for _ in range(6_000))
        server.shutdown()
        thread.join()
    assert sent == []


def test_a_real_mlflow_server_is_believed(
    mlflow_server: MlflowStore,
    port: int,
    github: Dispatches,
) -> None:
    mlflow = client(mlflow_server.uri)
    version = register(mlflow_server.uri, "hook-model")
    event = "model_version_alias.created"
    hook = mlflow.create_webhook("promotions", f"http://127.0.0.1:{port}/", [event], secret=SECRET)
    try:
        mlflow.set_registered_model_alias("hook-model", "candidate", version)
        with github.asked:
            assert github.asked.wait_for(lambda: github.requests, timeout=60)
    finally:
        mlflow.delete_webhook(hook.webhook_id)
    assert github.requests[0].body["client_payload"] == {"app": "shop", "version": version}


VARIABLES = {
    "MLFLOW_WEBHOOK_SECRET": SECRET,
    "TIDEGATE_APPS": '{"shop-model": "shop"}',
    "GITHUB_REPOSITORY": "acme/gitops",
    "GITHUB_TOKEN": "a-token",
}


def test_the_environment_says_all_of_it() -> None:
    assert read_settings(VARIABLES) == SETTINGS


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MLFLOW_WEBHOOK_SECRET", ""),
        ("MLFLOW_WEBHOOK_SECRET", "short"),
        ("TIDEGATE_APPS", "shop"),
        ("TIDEGATE_APPS", '["shop"]'),
        ("TIDEGATE_APPS", '{"shop": 1}'),
        ("GITHUB_REPOSITORY", "acme/gitops/.."),
        ("GITHUB_TOKEN", ""),
    ],
)
def test_a_mistake_there_is_named_without_the_secret(name: str, value: str) -> None:
    with pytest.raises(ValueError, match=name) as raised:
        read_settings({**VARIABLES, name: value})
    assert "short" not in str(raised.value)
