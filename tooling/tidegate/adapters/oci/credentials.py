"""Credentials for registries, from where `docker login` leaves them."""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from tidegate.adapters import process
from tidegate.adapters.oci.hosts import DOCKER_HUB
from tidegate.adapters.oci.manifest import parse_object
from tidegate.errors import OutsideError

_DOCKER_HUB_KEY = "https://index.docker.io/v1/"
_HELPER_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
_HELPER_TIMEOUT = 30.0
_SIZE_LIMIT = 2**20


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user's name with a password, or an identity token to get access tokens with."""

    username: str
    password: str = field(repr=False)
    identity_token: str | None = field(default=None, repr=False)

    @property
    def basic(self) -> str:
        """The value of an Authorization header of the Basic scheme."""
        return "Basic " + base64.b64encode(f"{self.username}:{self.password}".encode()).decode()


class DockerCredentials:
    """Reads Docker's configuration, once, when first asked. `env` tells where it is
    (DOCKER_CONFIG, else HOME) and where credential helpers are (PATH)."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env
        self._known: dict[str, Credentials | None] = {}

    def find(self, registry: str) -> Credentials | None:
        """The credentials for a registry's host; None where there are none. Raises OutsideError
        for a broken configuration or helper."""
        if registry not in self._known:
            self._known[registry] = self._look_up(registry)
        return self._known[registry]

    def _look_up(self, registry: str) -> Credentials | None:
        helper = self._section("credHelpers").get(registry) or self._configuration.get("credsStore")
        if helper:
            return self._ask(helper, registry)
        for key, entry in self._section("auths").items():
            if _host(key) == _host(registry) and isinstance(entry, dict):
                return self._read(entry, registry)
        return None

    @cached_property
    def _path(self) -> Path | None:
        if self._env.get("DOCKER_CONFIG"):
            return Path(self._env["DOCKER_CONFIG"]) / "config.json"
        return Path(self._env["HOME"]) / ".docker/config.json" if self._env.get("HOME") else None

    @cached_property
    def _configuration(self) -> dict[str, Any]:
        if self._path is None:
            return {}
        try:
            with self._path.open("rb") as file:
                body = file.read(_SIZE_LIMIT)
        except (FileNotFoundError, NotADirectoryError):
            return {}
        except OSError as error:
            raise OutsideError(f"{self._path} can't be read: {error.strerror}") from None
        return parse_object(body, str(self._path))

    def _section(self, name: str) -> dict[str, Any]:
        section = self._configuration.get(name)
        return section if isinstance(section, dict) else {}

    def _read(self, entry: dict[str, Any], registry: str) -> Credentials | None:
        username, password = entry.get("username"), entry.get("password")
        token = entry.get("identitytoken")
        if isinstance(entry.get("auth"), str) and entry["auth"]:
            try:
                text = base64.b64decode(entry["auth"], validate=True).decode()
            except (binascii.Error, UnicodeDecodeError):
                text = ""
            username, separator, password = text.rstrip("\0").partition(":")
            if not separator:
                raise OutsideError(
                    f"{self._path} has a broken entry for {registry}",
                    hint=f"run `docker login {registry}` again",
                )
        if isinstance(token, str) and token:
            return Credentials(str(username or ""), "", token)
        if isinstance(username, str) and isinstance(password, str) and username:
            return Credentials(username, password)
        return None

    def _ask(self, helper: object, registry: str) -> Credentials | None:
        # The name becomes a part of a command's name.
        if not isinstance(helper, str) or not _HELPER_NAME.fullmatch(helper):
            raise OutsideError(f"{self._path} names a credential helper that can't be one")
        name = f"docker-credential-{helper}"
        binary = process.find(
            (name,),
            hint=f"{self._path} names it; install it, or remove it there",
            path=self._env.get("PATH"),
        )
        key = _DOCKER_HUB_KEY if _host(registry) == DOCKER_HUB else registry
        # Helpers end with 1 where they have nothing, and say so on standard output.
        said = process.run(
            (binary, "get"),
            timeout=_HELPER_TIMEOUT,
            env=self._env,
            stdin=key.encode(),
            accepted=(0, 1),
        )
        if said.status == 1:
            if b"credentials not found" in said.stdout:
                return None
            raise OutsideError(f"{name} has no credentials for {registry} and does not say why")
        try:
            answer = json.loads(said.stdout)
            username, secret = answer["Username"], answer["Secret"]
        except (ValueError, KeyError, TypeError):
            raise OutsideError(f"{name} answered something that makes no sense") from None
        if not (isinstance(username, str) and isinstance(secret, str)):
            raise OutsideError(f"{name} answered something that makes no sense")
        if username == "<token>":
            return Credentials("", "", secret)
        return Credentials(username, secret)


def _host(key: str) -> str:
    """The host in a key of the configuration, which may be a whole address."""
    bare = key.removeprefix("https://").removeprefix("http://")
    # A key with a path below the host is for some repositories only, and not for us; the paths
    # of the API's versions are the exception.
    host, _, path = bare.partition("/")
    if path.strip("/") not in ("", "v1", "v2"):
        return key
    host = host.lower()
    return DOCKER_HUB if host in ("index.docker.io", "registry-1.docker.io") else host
