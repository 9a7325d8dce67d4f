"""The token of a GitHub App's installation: had for a signature, and good for an hour."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import Any

from tidegate.adapters.http import Http
from tidegate.adapters.pull_requests.github.address import Address, api_of
from tidegate.errors import InputError, OutsideError

# GitHub takes no longer than ten minutes, and its clock may be behind ours.
_SIGNED_FOR, _CLOCKS_DIFFER = timedelta(minutes=9), timedelta(seconds=60)
_RENEWED_BEFORE = timedelta(minutes=5)

Key = Callable[[], str]


class AppToken:
    """An `adapters.pull_requests.api.Bearer`. Safe for several threads at once. Neither key nor
    token are ever part of a message."""

    def __init__(
        self,
        address: Address,
        app: str,
        key: Key,
        *,
        installation: str | None = None,
        http: Http,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """`app` is the App's id or client id, `key` gives its private key in PEM form;
        `installation` is found by the repository where it isn't said."""
        self._address, self._installation, self._now = address, installation, now
        self.where = f"the key of the GitHub App {app}"
        self._api = api_of(address, _Signature(app, key, now), http)
        self._token, self._ends = "", datetime.min.replace(tzinfo=UTC)
        self._granted: dict[str, str] = {}
        self._lock = Lock()

    def current(self) -> str:
        """One that is good for some minutes yet."""
        with self._lock:
            if self._now() + _RENEWED_BEFORE > self._ends:
                self._renew()
            return self._token

    def renewed(self, refused: str) -> str | None:
        """A new one."""
        with self._lock:
            if self._token == refused:
                self._renew()
            return self._token

    def granted(self) -> Mapping[str, str]:
        """The installation's permissions, such as contents: write."""
        self.current()
        return self._granted

    def _renew(self) -> None:
        if self._installation is None:
            path = self._address.path("installation")
            found = self._api.get(path, "the App's installation in this repository")
            self._installation = str(found.number("id"))
        path = f"app/installations/{self._installation}/access_tokens"
        subject = "a token of the App's installation"
        answer = self._api.send("POST", path, subject, {"repositories": [self._address.name]})
        ends = answer.time("expires_at")
        self._token = answer.text("token")
        if not self._token.isprintable() or not self._token or ends is None:
            raise OutsideError(f"{self._address.place} gave {subject} that makes no sense")
        permissions = answer.inner("permissions").data.items()
        self._granted = {key: str(value) for key, value in permissions}
        self._ends = ends


class _Signature:
    """What the App proves itself by: a JSON Web Token, made anew for each request."""

    where = "the key of a GitHub App"

    def __init__(self, app: str, key: Key, now: Callable[[], datetime]) -> None:
        self._app, self._key, self._now = app, key, now

    def current(self) -> str:
        now = self._now()
        claims = {
            "iat": int((now - _CLOCKS_DIFFER).timestamp()),
            "exp": int((now + _SIGNED_FOR).timestamp()),
            "iss": self._app,
        }
        return signed(claims, self._key())

    def renewed(self, refused: str) -> None:
        """None: another one would be refused likewise."""


def signed(claims: Mapping[str, Any], key: str) -> str:
    """The claims as a JSON Web Token, signed by RS256. Raises InputError for what is no RSA key."""
    try:
        from cryptography.exceptions import UnsupportedAlgorithm
        from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
        from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
        from cryptography.hazmat.primitives.hashes import SHA256
        from cryptography.hazmat.primitives.serialization import load_pem_private_key
    except ImportError:
        raise InputError(
            "the package cryptography is not installed", hint="install tidegate[github]"
        ) from None
    try:
        # Some places for secrets can't hold lines.
        loaded = load_pem_private_key(key.replace("\\n", "\n").strip().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        loaded = None
    if not isinstance(loaded, RSAPrivateKey):
        raise InputError(
            "the GitHub App's private key is no RSA key in PEM form",
            hint="it is the .pem file that GitHub gave when the key was made",
        )
    parts = ({"alg": "RS256", "typ": "JWT"}, claims)
    text = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
    return f"{text}.{_encoded(loaded.sign(text.encode(), PKCS1v15(), SHA256()))}"


def _encoded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
