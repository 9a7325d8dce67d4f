"""Takes secrets out of text before anybody sees it."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Mapping
from urllib.parse import quote, quote_plus

MASK = "***"

# user:password@ and token@ in any URL; the scheme is kept so that the text stays readable. People
# forget to escape their passwords: with `/` in one, only a port can follow the host's colon.
_URL = re.compile(
    r"(?P<scheme>\b[a-zA-Z][a-zA-Z0-9+.-]{0,20}://)"
    r"(?:[^\s/<>]{1,2000}|[^\s/:@<>]{0,500}:(?!\d{1,5}/)[^\s<>]{1,2000})@"
)
_QUERY = re.compile(
    r"(?P<name>[?&](?:[a-z0-9_-]*(?:token|password|secret|signature|credential)|sig|api_?key)=)"
    r"[^&\s'\"<>]+",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?P<name>\b(?:proxy-)?authorization['\"]?\s*[:=]\s*['\"]?)(?:[A-Za-z]+\s+)?[^\s'\",;]+",
    re.IGNORECASE,
)
_BEARER = re.compile(r"(?P<name>\bbearer\s+)[A-Za-z0-9._~+/=-]{8,}", re.IGNORECASE)
_TOKEN = re.compile(
    r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|glpat-[A-Za-z0-9_-]{16,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{5,}|AKIA[A-Z0-9]{16})\b"
)
_SECRET_NAME = re.compile(
    r"TOKEN|PASSWORD|PASSWD|PASSPHRASE|(?:^|_)PASS(?:_|$)|SECRET|CREDENTIALS|API_?KEY|APP_KEY|PRIVATE_KEY"
)
_SHORTEST_SECRET = 6


_TOKEN_STARTS = ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "glpat-", "eyj", "akia")
# With what a text has to have one of, in small letters, to match: most texts have none.
_PATTERNS = (
    (("@",), _URL, rf"\g<scheme>{MASK}@"),
    (("=",), _QUERY, rf"\g<name>{MASK}"),
    (("authorization",), _HEADER, rf"\g<name>{MASK}"),
    (("bearer",), _BEARER, rf"\g<name>{MASK}"),
    (_TOKEN_STARTS, _TOKEN, MASK),
)


def secrets_of(environment: Mapping[str, str]) -> tuple[str, ...]:
    """The values of environment variables whose names say that they are secret, longest first."""
    values = {
        value.strip()
        for name, value in environment.items()
        if _SECRET_NAME.search(name.upper()) and len(value.strip()) >= _SHORTEST_SECRET
    }
    return tuple(sorted(values, key=len, reverse=True))


def redact(text: str, secrets: Iterable[str] = ()) -> str:
    """The text with known secrets and everything that looks like one masked."""
    for secret in secrets:
        for form in _forms(secret):
            text = text.replace(form, MASK)
    folded = text.lower()
    for needles, pattern, instead in _PATTERNS:
        if any(needle in folded for needle in needles):
            text = pattern.sub(instead, text)
    return text


def _forms(secret: str) -> tuple[str, ...]:
    """A secret as it is, as it stands in JSON, and as it stands in a URL."""
    forms = {secret, json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1]}
    with contextlib.suppress(UnicodeEncodeError):
        forms |= {quote(secret), quote(secret, safe=""), quote_plus(secret)}
    return tuple(sorted(forms, key=len, reverse=True))
