"""Docker's configuration and its credential helpers."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import pytest
from tests.support.oci import docker_config

from tidegate.adapters.oci.authorization import parse_challenges
from tidegate.adapters.oci.credentials import Credentials, DockerCredentials
from tidegate.adapters.oci.hosts import is_loopback
from tidegate.errors import OutsideError, ToolMissing

HOST = "registry.example.com"
AUTH = base64.b64encode(b"ann:pa:ss").decode()


def _find(folder: Path, document: dict[str, Any], host: str = HOST) -> Credentials | None:
    env = docker_config(folder, document)
    env["PATH"] = f"{folder}:{env['PATH']}"
    return DockerCredentials(env).find(host)


def _helper(folder: Path, name: str, script: str) -> None:
    path = folder / f"docker-credential-{name}"
    path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    path.chmod(0o755)


@pytest.mark.parametrize(
    ("key", "host"),
    [
        (HOST, HOST),
        (f"https://{HOST}", HOST),
        (f"https://{HOST}/v2/", HOST),
        ("https://index.docker.io/v1/", "docker.io"),
        (f"{HOST}:5000", f"{HOST}:5000"),
    ],
)
def test_an_entry_is_found_by_its_host(tmp_path: Path, key: str, host: str) -> None:
    assert _find(tmp_path, {"auths": {key: {"auth": AUTH}}}, host) == Credentials("ann", "pa:ss")


@pytest.mark.parametrize("key", ["example.com", f"{HOST}:5000", f"{HOST}/team", f"{HOST}.evil.com"])
def test_an_entry_for_another_place_is_not(tmp_path: Path, key: str) -> None:
    assert _find(tmp_path, {"auths": {key: {"auth": AUTH}}}) is None


def test_home_is_where_the_configuration_is_by_default(tmp_path: Path) -> None:
    docker_config(tmp_path / ".docker", {"auths": {HOST: {"username": "a", "password": "b"}}})
    assert DockerCredentials({"HOME": str(tmp_path)}).find(HOST) == Credentials("a", "b")
    assert DockerCredentials({}).find(HOST) is None
    assert DockerCredentials({"DOCKER_CONFIG": str(tmp_path / "none")}).find(HOST) is None


@pytest.mark.parametrize(
    "document", [{}, {"auths": 3}, {"auths": {HOST: 3}}, {"auths": {HOST: {}}}]
)
def test_nothing_is_nothing(tmp_path: Path, document: dict[str, Any]) -> None:
    assert _find(tmp_path, document) is None


@pytest.mark.parametrize("auth", ["!", base64.b64encode(b"nocolon").decode(), "/////w=="])
def test_a_broken_entry_is_an_error_that_does_not_show_it(tmp_path: Path, auth: str) -> None:
    with pytest.raises(OutsideError, match=f"broken entry for {HOST}") as caught:
        _find(tmp_path, {"auths": {HOST: {"auth": auth}}})
    assert auth not in str(caught.value).replace(str(tmp_path), "") or auth == "!"


def test_a_broken_configuration_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{", encoding="utf-8")
    with pytest.raises(OutsideError, match=r"config\.json is not JSON"):
        DockerCredentials({"DOCKER_CONFIG": str(tmp_path)}).find(HOST)


def test_a_helper_is_asked_once_over_standard_input(tmp_path: Path) -> None:
    script = f'cat >> {tmp_path}/asked; echo \'{{"Username":"ann","Secret":"x"}}\''
    _helper(tmp_path, "test", script)
    env = docker_config(tmp_path, {"credHelpers": {HOST: "test"}, "credsStore": "unused"})
    env["PATH"] = f"{tmp_path}:{env['PATH']}"
    credentials = DockerCredentials(env)
    assert credentials.find(HOST) == credentials.find(HOST) == Credentials("ann", "x")
    assert (tmp_path / "asked").read_text() == HOST


def test_a_store_is_asked_for_docker_hub_by_its_old_address(tmp_path: Path) -> None:
    _helper(tmp_path, "test", 'echo "{\\"Username\\":\\"<token>\\",\\"Secret\\":\\"$(cat)\\"}"')
    found = _find(tmp_path, {"credsStore": "test"}, "docker.io")
    assert found == Credentials("", "", "https://index.docker.io/v1/")


def test_a_helper_without_an_entry_gives_nothing(tmp_path: Path) -> None:
    _helper(tmp_path, "test", "echo credentials not found in native keychain; exit 1")
    assert _find(tmp_path, {"credsStore": "test"}) is None


@pytest.mark.parametrize(
    "script",
    ["echo secret-thing", "echo '[]'", 'echo \'{"Username":1,"Secret":2}\'', "exit 1", "exit 7"],
)
def test_a_broken_helper_is_an_error_that_does_not_show_its_output(
    tmp_path: Path, script: str
) -> None:
    _helper(tmp_path, "test", f"cat >/dev/null; {script}")
    with pytest.raises(OutsideError, match="docker-credential-test") as caught:
        _find(tmp_path, {"credsStore": "test"})
    assert "secret-thing" not in str(caught.value)


def test_a_missing_helper_says_where_it_was_named(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing) as caught:
        _find(tmp_path, {"credsStore": "absent"})
    assert str(tmp_path) in str(caught.value.hint)


@pytest.mark.parametrize("name", ["../evil", "a b", "a;b", "-x", 3, ["a"], "a" * 99])
def test_a_helper_needs_a_name_that_can_be_one(tmp_path: Path, name: object) -> None:
    with pytest.raises(OutsideError, match="can't be one"):
        _find(tmp_path, {"credHelpers": {HOST: name}})


def test_secrets_are_not_shown() -> None:
    assert "pw" not in repr(Credentials("ann", "pw", "pw"))


def test_challenges_are_read_as_they_are_written() -> None:
    header = 'Negotiate, Basic realm="a, Bearer x", bearer realm="https://x/?a=\\"b\\"",service=s'
    first, second = parse_challenges(header)
    assert (first.scheme, first.parameters) == ("basic", {"realm": "a, Bearer x"})
    assert second.scheme == "bearer"
    assert second.parameters == {"realm": 'https://x/?a="b"', "service": "s"}
    assert parse_challenges("") == parse_challenges("Digest realm=x") == ()


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("LOCALHOST:5000", True),
        ("127.0.0.1:1", True),
        ("[::1]:5000", True),
        ("127.0.0.1.example.com", False),
        ("localhost.example.com", False),
        ("10.0.0.1", False),
        ("", False),
        ("registry", False),
    ],
)
def test_loopback_is_judged_by_the_name(host: str, expected: bool) -> None:
    assert is_loopback(host) == expected


def test_the_configuration_may_be_written_by_hand(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(
        json.dumps({"auths": {HOST: {"auth": AUTH}}}, indent=4) + "\n", encoding="utf-8"
    )
    assert DockerCredentials({"DOCKER_CONFIG": str(tmp_path)}).find(HOST) is not None
