"""How a registry that answers 401 is satisfied: Basic, or a bearer token from its token service."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from tidegate.adapters.http import Http, shown
from tidegate.adapters.oci.credentials import Credentials
from tidegate.adapters.oci.hosts import speaks_plain_http
from tidegate.adapters.oci.manifest import parse_object
from tidegate.errors import OutsideError

_CHALLENGE = re.compile(r"(?:^|,)\s*(Basic|Bearer)(?=\s|,|$)", re.IGNORECASE)
_PARAMETER = re.compile(r'([a-zA-Z_]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s",]+))')
_TOKEN = re.compile(r"[\x21-\x7e]{1,65536}")


@dataclass(frozen=True, slots=True)
class Challenge:
    """What a registry asks for: `scheme` is basic or bearer."""

    scheme: str
    parameters: Mapping[str, str]


def parse_challenges(header: str) -> tuple[Challenge, ...]:
    """The challenges of a WWW-Authenticate header that we know how to meet."""
    # Quoted texts may hold anything, so the schemes are looked for outside of them.
    blank = re.sub(r'"(?:[^"\\]|\\.)*"', lambda text: '"' + "_" * (len(text[0]) - 2) + '"', header)
    found = list(_CHALLENGE.finditer(blank))
    edges = [*(match.start() for match in found), len(header)]
    return tuple(
        Challenge(
            match[1].lower(),
            {
                name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare
                for name, quoted, bare in _PARAMETER.findall(header[match.end() : end])
            },
        )
        for match, end in zip(found, edges[1:], strict=True)
    )


class TokenService:
    """Gets bearer tokens that allow to pull from one repository."""

    def __init__(self, http: Http, plain_http: frozenset[str]) -> None:
        self._http, self._plain_http = http, plain_http

    def token(
        self, challenge: Challenge, repository: str, credentials: Credentials | None
    ) -> str | None:
        """A token, or None where the service refuses. Raises OutsideError for a service that
        must not be trusted with credentials or answers nonsense, and Unreachable."""
        realm = self._checked_realm(challenge)
        asked = {"service": challenge.parameters.get("service", "")}
        # Our own scope, never the one that the challenge asks for: it is all that we need.
        asked["scope"] = f"repository:{repository}:pull"
        asked = {name: value for name, value in asked.items() if value}
        if credentials and credentials.identity_token:
            form = {
                **asked,
                "grant_type": "refresh_token",
                "client_id": "tidegate",
                "refresh_token": credentials.identity_token,
            }
            answer = self._http.request("POST", realm, form=form)
        else:
            headers = {"Authorization": credentials.basic} if credentials else {}
            url = f"{realm}{'&' if '?' in realm else '?'}{urlencode(asked)}"
            answer = self._http.request("GET", url, headers=headers)
        if answer.status in (400, 401, 403):
            return None
        where = f"the token service {shown(realm)}"
        if answer.status != 200:
            raise OutsideError(f"{where} answered with status {answer.status}")
        document = parse_object(answer.body, f"the answer of {where}")
        token = document.get("token") or document.get("access_token")
        if not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise OutsideError(f"{where} answered without a token")
        return token

    def _checked_realm(self, challenge: Challenge) -> str:
        realm = challenge.parameters.get("realm", "")
        try:
            parts = urlsplit(realm)
            host = parts.netloc.rpartition("@")[2]
        except ValueError:
            parts, host = urlsplit(""), ""
        if parts.scheme not in ("http", "https") or not host or parts.username is not None:
            raise OutsideError("a registry names a token service whose address makes no sense")
        if parts.scheme == "http" and not speaks_plain_http(host, self._plain_http):
            raise OutsideError(
                f"the token service {shown(realm)} is not on https, so nothing is sent to it"
            )
        return realm
