"""How Argo CD's API is spoken to: what is sent, what refusals mean, and what nobody sees."""

from __future__ import annotations

import json
import math
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.support.argocd import (
    TOKEN,
    FakeArgoCd,
    cut,
    drop,
    fake_argocd,  # noqa: F401 - a fixture
    on,
    refusal,
    slow,
    status,
)
from tests.support.argocd_answers import application
from tests.support.argocd_openapi import MISSING, document_path
from tests.support.faults import JSON

from tidegate.adapters.argocd import ArgoCd, address_of
from tidegate.adapters.http import Http
from tidegate.adapters.token import Token, from_text
from tidegate.domain.application import (
    ApplicationName,
    Refusal,
    SyncRefused,
    SyncRequest,
)
from tidegate.errors import (
    ConflictError,
    InputError,
    NotFound,
    OutsideError,
    TidegateError,
    Unreachable,
)

# Reading the system's authorities takes longer than most of these tests.
NOBODY = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
SHOP = ApplicationName("shop-dev", "dev")


def client_of(
    fake: FakeArgoCd, token: Token | None = None, *, root_path: str = "", **options: Any
) -> ArgoCd:
    address = address_of(fake.server, root_path=root_path, plain_text=True)
    timeout = options.pop("timeout", 60.0)
    http = Http(timeout=timeout, sleep=lambda _: None, jitter=lambda: 0.0, verify=NOBODY)
    return ArgoCd(address, token or from_text(TOKEN, "the test"), http=http, **options)


@pytest.fixture
def client(argocd: FakeArgoCd) -> ArgoCd:
    argocd.put(application("shop-dev"))
    return client_of(argocd)


CALLS: dict[str, Callable[[ArgoCd], Any]] = {
    "version": lambda client: client.version(),
    "may": lambda client: client.may("sync", "dev"),
    "list": lambda client: client.list(project="dev"),
    "get": lambda client: client.get(SHOP),
    "refresh": lambda client: client.get(SHOP, refresh=True),
    "sync": lambda client: client.sync(SHOP, SyncRequest()),
    "terminate": lambda client: client.terminate(SHOP),
    "pods": lambda client: client.pods(SHOP),
    "managed": lambda client: client.managed(SHOP),
    "windows": lambda client: client.windows(SHOP),
    "events": lambda client: client.events(SHOP),
}
CHANGING = {"sync": "POST", "terminate": "DELETE"}


def method_of(call: str) -> str:
    return CHANGING.get(call, "GET")


@pytest.mark.parametrize("call", CALLS)
def test_every_call_sends_the_token_the_type_and_the_project(
    argocd: FakeArgoCd, client: ArgoCd, call: str
) -> None:
    CALLS[call](client)
    (request,) = argocd.requests
    assert request.headers["authorization"] == f"Bearer {TOKEN}"
    assert request.headers["content-type"] == "application/json"
    if "/applications/shop-dev" in request.path:
        said = request.body if request.method == "POST" else request.query
        assert said["project"] == "dev"


def test_the_fake_is_held_to_argo_cds_own_document() -> None:
    if document_path() is None:
        pytest.skip(MISSING)
    fake = FakeArgoCd()
    fake.put({"metadata": {"name": 5, "namespace": "argocd"}, "spec": {}, "status": {}})
    httpx.get(f"http://{fake.server}/api/v1/applications?nonsense=1",
              headers={"Authorization": f"Bearer {TOKEN}"})  # fmt: skip
    fake.close()
    assert len(fake.violations) == 2


def test_a_list_is_one_request_with_fields(argocd: FakeArgoCd, client: ArgoCd) -> None:
    argocd.put(application("other", project="prod"))
    argocd.put(application("labelled", labels={"a": "b", "c": "d"}))
    assert [a.name.name for a in client.list(project="dev")] == ["labelled", "shop-dev"]
    assert [a.name.name for a in client.list(selector={"c": "d", "a": "b"})] == ["labelled"]
    assert len(argocd.requests) == 2
    assert all("fields" in request.query for request in argocd.requests)
    full = client.get(SHOP)
    (listed,) = [a for a in client.list() if a.name == SHOP]
    for name in ("revision", "sync", "health", "images", "labels", "paths", "automated"):
        assert getattr(listed, name) == getattr(full, name)


def test_what_was_not_asked_for_is_not_taken(argocd: FakeArgoCd, client: ArgoCd) -> None:
    """As where a proxy drops what we ask for, or gives us somebody else's answer."""
    other = application("other", project="prod", labels={"a": "b"})
    for path, answer in (("/applications$", {"items": [other]}), ("/shop-dev$", other)):
        argocd.faults.append(on("GET", path, status(200, json.dumps(answer).encode(), JSON)))
    assert client.list(project="dev", selector={"a": "b"}) == []
    with pytest.raises(OutsideError, match="another Application than Application shop-dev"):
        client.get(SHOP)


def test_a_sync_never_names_a_revision(argocd: FakeArgoCd, client: ArgoCd) -> None:
    request = SyncRequest(prune=True, info={"tidegate": "nonce", "why": "<b>"})
    begun = client.sync(SHOP, request)
    assert not isinstance(begun, SyncRefused)
    assert begun.requested
    assert argocd.requests[-1].body == {
        "name": "shop-dev",
        "project": "dev",
        "prune": True,
        "dryRun": False,
        "infos": [{"name": "tidegate", "value": "nonce"}, {"name": "why", "value": "<b>"}],
    }


def test_refused_syncs_are_values(argocd: FakeArgoCd, client: ArgoCd) -> None:
    argocd.windows = ({"kind": "deny", "schedule": "* * * * *", "duration": "1h"},)
    refused = client.sync(SHOP, SyncRequest())
    assert refused == SyncRefused(Refusal.WINDOW, "cannot sync: blocked by sync window")
    assert not client.windows(SHOP).may_sync
    argocd.windows = ()
    client.sync(SHOP, SyncRequest())
    refused = client.sync(SHOP, SyncRequest())
    assert isinstance(refused, SyncRefused)
    assert refused.why is Refusal.BUSY


def test_terminating_nothing_is_fine(argocd: FakeArgoCd, client: ArgoCd) -> None:
    client.terminate(SHOP)
    argocd.change("shop-dev", lambda d: d.update(operation={"sync": {}}))
    client.terminate(SHOP)
    assert client.get(SHOP).operation.phase == "Terminating"  # type: ignore[union-attr]


def test_names_are_data(argocd: FakeArgoCd, client: ArgoCd) -> None:
    for name in ("../../session", "a/b?x=1", "a%2fb", "ü\n", "x" * 300):
        with pytest.raises(NotFound) as caught:
            client.get(ApplicationName(name, "dev"))
        assert caught.value.message.isprintable()
    assert argocd.requests == []
    with pytest.raises(NotFound):
        client.get(ApplicationName("shop-dev", "dev&project=prod"))


def test_events_of_a_pod_that_is_gone_are_none(argocd: FakeArgoCd, client: ArgoCd) -> None:
    pod = {"kind": "Pod", "name": "a", "namespace": "n", "uid": "u"}
    argocd.below["shop-dev", "resource-tree"] = {"nodes": [pod]}
    event = {"involvedObject": {"uid": "u"}, "reason": "FailedScheduling", "metadata": {}}
    argocd.below["shop-dev", "events"] = {"metadata": {}, "items": [event]}
    (found,) = client.pods(SHOP)
    assert [e.reason for e in client.events(SHOP, found)] == ["FailedScheduling"]
    argocd.below.clear()
    assert client.events(SHOP, found) == ()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (refusal(404, 5, "no such thing"), NotFound),
        (refusal(403, 7, "permission denied"), OutsideError),
        (refusal(409, 10, "changed"), ConflictError),
        (refusal(400, 3, "invalid"), OutsideError),
        (refusal(401, 16, "token has expired"), OutsideError),
        (refusal(503, 14, "connection refused"), Unreachable),
        (refusal(429, 8, "too many"), Unreachable),
        (refusal(500, 2, "rpc error"), Unreachable),
        (status(502, b"<html>Bad Gateway</html>", "text/html"), Unreachable),
        (status(503, b"no healthy upstream"), Unreachable),
        (status(404, b"404 page not found"), OutsideError),
        (status(200, b"<html>log in</html>", "text/html"), OutsideError),
        (status(200, b"{", "application/json"), OutsideError),
        (status(200, b"[]", "application/json"), OutsideError),
        (status(307, Location="https://argocd.example.com/"), OutsideError),
        (status(415, b"Invalid content type"), OutsideError),
        (drop, Unreachable),
        (cut(10), Unreachable),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_a_refusal_is_the_right_error(
    argocd: FakeArgoCd, client: ArgoCd, call: str, fault: Any, error: type[TidegateError]
) -> None:
    argocd.faults.append(on(method_of(call), "", fault, times=math.inf))
    with pytest.raises(error) as caught:
        CALLS[call](client)
    if error is OutsideError:
        assert type(caught.value) is OutsideError
    shown = f"{caught.value.message} {caught.value.hint} {caught.value!r}"
    assert TOKEN not in shown
    assert "<html>" not in shown
    if call in CHANGING:
        assert len(argocd.requests) == 1


@pytest.mark.parametrize("call", sorted({*CALLS} - {*CHANGING}))
@pytest.mark.parametrize("fault", [refusal(503, 14, "later"), drop, cut(10)])
def test_what_is_safe_is_tried_again(
    argocd: FakeArgoCd, client: ArgoCd, call: str, fault: Any
) -> None:
    argocd.faults.append(on("GET", "", fault, times=2))
    CALLS[call](client)
    assert len(argocd.requests) == 3


@pytest.mark.parametrize("call", CALLS)
def test_a_rotated_token_is_asked_for_and_the_call_repeated(argocd: FakeArgoCd, call: str) -> None:
    argocd.put(application("shop-dev"))
    kept = iter([TOKEN, "a-new-token"])
    client = client_of(argocd, Token(lambda: next(kept), "the test"))
    argocd.tokens = {"a-new-token"}
    argocd.faults.append(on("GET", "/api/version", refusal(401, 16, "expired")))
    CALLS[call](client)
    assert [r.headers["authorization"] for r in argocd.requests] == [
        *(f"Bearer {TOKEN}", "Bearer a-new-token")
    ]


def test_a_token_that_is_refused_for_good_is_not_tried_for_ever(
    argocd: FakeArgoCd, client: ArgoCd
) -> None:
    argocd.tokens = set()
    with pytest.raises(OutsideError, match="does not accept the token"):
        client.get(SHOP)
    assert len(argocd.requests) == 1


def test_a_refresh_that_never_ends_ends(argocd: FakeArgoCd) -> None:
    argocd.put(application("shop-dev"))
    client = client_of(argocd, refresh_timeout=0.3)
    argocd.faults.append(on("GET", "shop-dev", slow(60), times=math.inf))
    with pytest.raises(Unreachable, match="did not answer in time"):
        client.get(SHOP, refresh=True)


def test_a_refresh_that_is_missed_is_asked_for_in_another_way(argocd: FakeArgoCd) -> None:
    argocd.put(application("shop-dev"))
    client = client_of(argocd, refresh_timeout=30.0, before_hard=0.3)
    argocd.faults.append(on("GET", "shop-dev", slow(60)))
    assert client.get(SHOP, refresh=True).reconciled is not None
    assert [r.query["refresh"] for r in argocd.requests] == ["normal", "hard"]


def test_a_refresh_that_is_refused_is_not_asked_for_again(argocd: FakeArgoCd) -> None:
    argocd.put(application("shop-dev"))
    argocd.faults.append(on("GET", "shop-dev", refusal(500, 13, "etcd"), times=math.inf))
    with pytest.raises(Unreachable, match="etcd"):
        client_of(argocd).get(SHOP, refresh=True)
    assert {r.query["refresh"] for r in argocd.requests} == {"normal"}


@pytest.mark.parametrize("call", sorted({*CALLS} - {"refresh"}))
def test_every_call_has_a_limit_of_time(argocd: FakeArgoCd, call: str) -> None:
    argocd.put(application("shop-dev"))
    argocd.faults.append(on(method_of(call), "", slow(60), times=math.inf))
    with pytest.raises(Unreachable):
        CALLS[call](client_of(argocd, timeout=0.2))


def test_a_secret_that_argo_cd_repeats_is_masked(argocd: FakeArgoCd, client: ArgoCd) -> None:
    said = f"failed: https://bot:hunter2@git.example.com with {TOKEN}\n\x1b[2J"
    argocd.faults.append(on("GET", "", refusal(400, 9, said)))
    with pytest.raises(OutsideError) as caught:
        client.get(SHOP)
    assert "hunter2" not in caught.value.message
    assert TOKEN not in caught.value.message
    assert caught.value.message.isprintable()


def test_a_path_before_the_apis(argocd: FakeArgoCd) -> None:
    argocd.prefix = "/tools/argo-cd"
    argocd.put(application("shop-dev"))
    client = client_of(argocd, root_path="/tools/argo-cd/")
    assert client.get(SHOP).name == SHOP
    assert client.place == f"Argo CD at http://{argocd.server}/tools/argo-cd"


def test_tls_is_what_happens_unless_something_else_is_said(argocd: FakeArgoCd) -> None:
    address = address_of(argocd.server)
    assert address.base.startswith("https://")
    http = Http(timeout=60.0, attempts=1)
    with pytest.raises(Unreachable):
        ArgoCd(address, from_text(TOKEN, "t"), http=http).version()
    assert argocd.requests == []


@pytest.mark.parametrize(
    "text", ["secret contents", "", "\ufffd\x00", "-----BEGIN CERTIFICATE-----"]
)
def test_a_file_without_certificates_is_the_users_mistake(text: str) -> None:
    with pytest.raises(InputError, match="holds no certificate authorities") as caught:
        address_of("argocd.example.com", authorities=text)
    assert "secret" not in caught.value.message


def test_a_private_authority_is_the_only_one_that_is_trusted() -> None:
    usual = Path(ssl.get_default_verify_paths().cafile or "/none").read_text("ascii", "replace")
    address = address_of("h", authorities=usual[usual.index("-----BEGIN") :])
    assert address.verify is not None
    assert address.verify.verify_mode is ssl.CERT_REQUIRED
    assert address.verify.check_hostname
