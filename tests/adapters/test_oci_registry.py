"""Registries that ask for a login, redirect, refuse, and misbehave."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from tests.support.oci import (
    PASSWORD,
    USER,
    Reply,
    Request,
    SmallRegistry,
    basic,
    docker_config,
    login,
    needs_basic,
)

from demo.images import write_image
from tidegate.adapters.http import Http
from tidegate.adapters.oci import Images
from tidegate.domain.image import ImageRef
from tidegate.errors import NotFound, OutsideError, TidegateError, Unreachable

TOKEN = "a.bearer-token"


@pytest.fixture(scope="module")
def layout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("layout")
    write_image(folder, "1.0", {}, {})
    return folder


@pytest.fixture
def digest(layout: Path) -> str:
    return str(json.loads((layout / "index.json").read_bytes())["manifests"][0]["digest"])


@pytest.fixture
def server(layout: Path) -> Iterator[SmallRegistry]:
    registry = SmallRegistry({"ml/digits": layout})
    yield registry
    registry.close()


@pytest.fixture
def other(layout: Path) -> Iterator[SmallRegistry]:
    registry = SmallRegistry({"ml/digits": layout})
    yield registry
    registry.close()


def _image(server: SmallRegistry, tag: str = "1.0") -> ImageRef:
    return ImageRef.parse(f"{server.host}/ml/digits:{tag}")


def _images(env: Mapping[str, str] | None = None) -> Images:
    return Images(mirrors={}, env=env or {}, connect=lambda: Http(timeout=10, sleep=lambda _: None))


def _bearer(
    realm: str | None = None, token: str = TOKEN, authorization: str | None = None
) -> Callable[[Request], Reply | None]:
    """An `intercept` that wants a token, which its own `/token` gives for `authorization`."""

    def intercept(request: Request) -> Reply | None:
        if request.path.startswith("/token"):
            if request.headers.get("authorization") != authorization:
                return Reply(401, b"{}")
            return Reply(body=json.dumps({"token": token}).encode())
        if request.headers.get("authorization") == f"Bearer {TOKEN}":
            return None
        place = realm or f"http://{request.headers['host']}/token?account=me"
        challenge = f'Bearer realm="{place}",service="a, service",scope="repository:all:*"'
        return Reply(401, b"{}", {"WWW-Authenticate": challenge})

    return intercept


def test_anyone_gets_a_token_for_what_is_public(server: SmallRegistry, digest: str) -> None:
    server.intercept = _bearer()
    assert _images().digest(_image(server)) == digest
    query = parse_qs(urlsplit(server.requests[1].path).query)
    assert query == {
        "account": ["me"],
        "service": ["a, service"],
        "scope": ["repository:ml/digits:pull"],
    }


def test_a_token_is_asked_for_once_and_again_when_it_is_over(
    server: SmallRegistry, digest: str
) -> None:
    server.intercept = _bearer()
    images = _images()
    for _ in range(3):
        assert images.digest(_image(server)) == digest
    assert len([r for r in server.requests if r.path.startswith("/token")]) == 1
    refused: list[Request] = []

    def expire_once(request: Request) -> Reply | None:
        if not refused and "/manifests/" in request.path:
            refused.append(request)
            return _bearer()(replace(request, headers={"host": server.host}))
        return _bearer()(request)

    server.intercept = expire_once
    assert images.has(_image(server).with_digest(digest))
    assert refused[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_the_token_service_gets_the_credentials(
    server: SmallRegistry, digest: str, tmp_path: Path
) -> None:
    server.intercept = _bearer(authorization=basic())
    assert _images(login(tmp_path, server.host)).digest(_image(server)) == digest
    with pytest.raises(OutsideError, match="refuses access") as caught:
        _images().digest(_image(server))
    assert caught.value.hint is not None
    assert f"docker login {server.host}" in caught.value.hint


def test_an_identity_token_is_exchanged(server: SmallRegistry, digest: str, tmp_path: Path) -> None:
    server.intercept = _bearer()
    config = {"auths": {server.host: {"identitytoken": "refresh-me"}}}
    assert _images(docker_config(tmp_path, config)).digest(_image(server)) == digest
    asked = next(r for r in server.requests if r.path.startswith("/token"))
    assert asked.method == "POST"
    assert parse_qs(asked.body.decode())["refresh_token"] == ["refresh-me"]


@pytest.mark.parametrize(
    "realm",
    [
        "http://tokens.example.com/token",
        "ftp://127.0.0.1/",
        "nonsense",
        "",
        "https://user:pw@127.0.0.1/",
        "http://127.0.0.1@tokens.example.com/",
        "http://localhost.example.com/",
        "http://[",
    ],
)
def test_credentials_go_to_no_realm_that_can_be_overheard(
    server: SmallRegistry, tmp_path: Path, realm: str
) -> None:
    server.intercept = _bearer(realm=realm or "/")
    with pytest.raises(OutsideError, match="token service") as caught:
        _images(login(tmp_path, server.host)).digest(_image(server))
    assert not isinstance(caught.value, Unreachable)
    assert PASSWORD not in str(caught.value)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"{}", b'{"token": 3}', b'{"token": "a\\r\\nX-Evil: 1"}']
)
def test_a_token_service_that_answers_nonsense_is_an_error(
    server: SmallRegistry, body: bytes
) -> None:
    def intercept(request: Request) -> Reply | None:
        return Reply(body=body) if request.path.startswith("/token") else _bearer()(request)

    server.intercept = intercept
    with pytest.raises(OutsideError, match="token"):
        _images().digest(_image(server))


def test_basic_credentials_are_sent_only_when_asked_for(
    server: SmallRegistry, digest: str, tmp_path: Path
) -> None:
    env = login(tmp_path, server.host)
    assert _images(env).digest(_image(server)) == digest
    assert all("authorization" not in request.headers for request in server.requests)
    server.intercept = needs_basic
    assert _images(env).digest(_image(server)) == digest


def test_wrong_credentials_are_refused_in_words(server: SmallRegistry, tmp_path: Path) -> None:
    server.intercept = needs_basic
    auth = base64.b64encode(f"{USER}:wrong-one".encode()).decode()
    env = docker_config(tmp_path, {"auths": {server.host: {"auth": auth}}})
    with pytest.raises(OutsideError, match="refuses access to 127") as caught:
        _images(env).digest(_image(server))
    assert "wrong-one" not in str(caught.value)


def test_a_redirect_takes_no_credentials_along(
    server: SmallRegistry, other: SmallRegistry, digest: str, tmp_path: Path
) -> None:
    def intercept(request: Request) -> Reply | None:
        target = f"http://{other.host}{request.path}"
        return needs_basic(request) or Reply(307, headers={"Location": target})

    server.intercept = intercept
    assert _images(login(tmp_path, server.host)).digest(_image(server)) == digest
    assert len(other.requests) == 1
    assert "authorization" not in other.requests[0].headers


def test_a_redirect_can_not_ask_for_the_credentials_of_the_first_host(
    server: SmallRegistry, other: SmallRegistry, tmp_path: Path
) -> None:
    server.intercept = lambda request: Reply(
        302, headers={"Location": f"http://{other.host}{request.path}"}
    )
    other.intercept = _bearer(authorization=basic())
    with pytest.raises(OutsideError, match="asks for a login"):
        _images(login(tmp_path, server.host)).digest(_image(server))
    assert not [r for r in other.requests if r.path.startswith("/token")]


def test_a_digest_that_is_not_the_manifests_is_an_error(server: SmallRegistry, digest: str) -> None:
    def intercept(request: Request) -> Reply:
        good = server.answer(request)
        return replace(
            good, headers={**good.headers, "Docker-Content-Digest": "sha256:" + "0" * 64}
        )

    server.intercept = intercept
    with pytest.raises(OutsideError, match="says that its digest is"):
        _images().digest(_image(server))
    with pytest.raises(OutsideError, match="when asked for"):
        _images().has(_image(server).with_digest(digest))


def test_a_missing_digest_header_is_made_up_for(server: SmallRegistry, digest: str) -> None:
    def intercept(request: Request) -> Reply:
        good = server.answer(request)
        kept = {k: v for k, v in good.headers.items() if k != "Docker-Content-Digest"}
        return replace(good, headers=kept)

    server.intercept = intercept
    assert _images().digest(_image(server)) == digest
    assert _images().has(_image(server).with_digest(digest))


def test_a_registry_without_head_is_asked_with_get(server: SmallRegistry, digest: str) -> None:
    server.intercept = lambda request: Reply(405) if request.method == "HEAD" else None
    assert _images().has(_image(server).with_digest(digest))
    assert not _images().has(_image(server).with_digest("sha256:" + "1" * 64))


_PAGE = Reply(body=b"<html>Sign in</html>", headers={"Content-Type": "text/html"})
_OCI = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}


@pytest.mark.parametrize(
    ("reply", "kind", "said"),
    [
        (_PAGE, OutsideError, "not an image manifest"),
        (Reply(body=b"x"), OutsideError, "'unknown', not an image manifest"),
        (Reply(body=b"garbage", headers=_OCI), OutsideError, "is not JSON"),
        (Reply(body=b"{}", headers=_OCI), OutsideError, "neither an image manifest nor"),
        (Reply(body=b"[" * 99_999, headers=_OCI), OutsideError, "is not JSON"),
        (Reply(body=b"0" * (4 * 2**20 + 1), headers=_OCI), OutsideError, "has more than"),
        (Reply(body=b"0" * (9 * 2**20), headers=_OCI), OutsideError, "answered with more than"),
        (Reply(403, b"{}"), OutsideError, "refuses access"),
        (Reply(401, b"{}"), OutsideError, "refuses access"),
        (Reply(401, b"{}", {"WWW-Authenticate": "Negotiate"}), OutsideError, "refuses access"),
        (Reply(404, b"{}"), NotFound, "has no image"),
        (Reply(418, b"{}"), OutsideError, "status 418"),
        (Reply(500), Unreachable, "status 500"),
        (Reply(429, headers={"Retry-After": "1"}), Unreachable, "status 429"),
        (Reply(302, headers={"Location": "/v2/"}), OutsideError, "not an image manifest"),
    ],
)
def test_answers_that_are_no_manifest(
    server: SmallRegistry, digest: str, reply: Reply, kind: type[TidegateError], said: str
) -> None:
    server.intercept = lambda request: reply if "/manifests/" in request.path else None
    with pytest.raises(kind, match=said) as caught:
        _images().digest(_image(server))
    assert type(caught.value) is kind
    if kind is NotFound:
        assert not _images().has(_image(server).with_digest(digest))
    elif reply.status != 302:
        with pytest.raises(kind):
            _images().has(_image(server).with_digest(digest))


def test_a_registry_that_recovers_is_asked_again(server: SmallRegistry, digest: str) -> None:
    server.intercept = lambda _: Reply(503) if len(server.requests) < 3 else None
    assert _images().digest(_image(server)) == digest


def test_nobody_there_is_unreachable(layout: Path) -> None:
    gone = SmallRegistry({})
    gone.close()
    with pytest.raises(Unreachable, match="can't be reached"):
        _images().digest(_image(gone))


def test_hosts_are_spoken_to_over_https_unless_they_are_listed() -> None:
    import httpx

    asked: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(str(request.url))
        return httpx.Response(404)

    images = Images(
        mirrors={},
        env={},
        plain_http=frozenset({"plain.example.com:5000"}),
        connect=lambda: Http(transport=httpx.MockTransport(answer)),
    )
    for name in ("registry.example.com/a", "PLAIN.example.com:5000/a", "busybox", "localhost:1/a"):
        with pytest.raises(NotFound):
            images.digest(ImageRef.parse(f"{name}:1"))
    assert asked == [
        "https://registry.example.com/v2/a/manifests/1",
        "http://plain.example.com:5000/v2/a/manifests/1",
        "https://registry-1.docker.io/v2/library/busybox/manifests/1",
        "http://localhost:1/v2/a/manifests/1",
    ]
