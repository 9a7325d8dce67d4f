"""Kubernetes' URLs, read as Go's net/url reads them."""

from __future__ import annotations

import re
from functools import partial
from typing import Any
from urllib.parse import quote_from_bytes, unquote_to_bytes

from tidegate.policy.admission.library.signature import (
    Function,
    Refused,
    member,
    plain,
    takes,
    unwrap,
    wrap,
)

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*):", re.ASCII)
_BAD_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
# Of a host only what isn't ASCII may be escaped.
_HOST = re.compile(
    r"(?:[A-Za-z0-9\-_.~!$&'()*+,;=:\[\]<>\"\u0080-\U0010ffff]|%25|%[89A-Fa-f][0-9A-Fa-f])*"
)
_USER = re.compile(r"[A-Za-z0-9\-._:~!$&'()*+,;=%@]*", re.ASCII)
_PATH = re.compile(r"[A-Za-z0-9\-_.~!$&'()*+,;=:@\[\]/%]*", re.ASCII)
_PORT = re.compile(r"(?::[0-9]*)?", re.ASCII)


def _decoded(text: str) -> str:
    return unquote_to_bytes(text).decode("utf-8", "replace")


class _Url:
    """The parts of a URL. Raises Refused for what is neither absolute nor an absolute path."""

    def __init__(self, text: str, *, fragment: bool = True) -> None:
        if not text:
            raise Refused("empty url")
        if _CONTROL.search(text):
            raise Refused("net/url: invalid control character in URL")
        if fragment:
            text, _, tail = text.partition("#")
            _check_escapes(tail)
        scheme = _SCHEME.match(text)
        if text.startswith(":"):
            raise Refused("missing protocol scheme")
        self.scheme = scheme[1].lower() if scheme else ""
        rest, _, self.query = text[scheme.end() if scheme else 0 :].partition("?")
        self.host = self.path = ""
        if not rest.startswith("/"):
            if not scheme and text != "*":
                raise Refused("invalid URI for request")
            self.path = "" if scheme else text
            return
        # Without a scheme only the second reading, which knows fragments, looks for a host.
        host = bool(self.scheme) or (fragment and not rest.startswith("///"))
        if host and rest.startswith("//"):
            authority, slash, path = rest[2:].partition("/")
            user, at, self.host = authority.rpartition("@")
            if at and not _USER.fullmatch(user):
                raise Refused("net/url: invalid userinfo")
            _check_escapes(user)
            _check_host(self.host)
            self.host = _decoded(self.host)
            rest = slash + path
        _check_escapes(rest)
        self.path = rest

    @property
    def port(self) -> str:
        """What follows the host's colon."""
        return self.host[len(self._bare) :].removeprefix(":")

    @property
    def hostname(self) -> str:
        """The host without its port and without brackets."""
        bare = self._bare
        return bare[1:-1] if bare.startswith("[") and bare.endswith("]") else bare

    @property
    def _bare(self) -> str:
        if self.host.startswith("["):
            return self.host[: self.host.rfind("]") + 1]
        return self.host.rpartition(":")[0] if ":" in self.host else self.host


def _check_escapes(text: str) -> None:
    bad = _BAD_ESCAPE.search(text)
    if bad:
        raise Refused(f'invalid URL escape "{text[bad.start() : bad.start() + 3]}"')


def _check_host(host: str) -> None:
    if host.startswith("["):
        end = host.rfind("]")
        if end < 0:
            raise Refused("missing ']' in host")
        port = host[end + 1 :]
    else:
        port = host[host.rfind(":") :] if ":" in host else ""
    if not _PORT.fullmatch(port):
        raise Refused(f'invalid port "{port}" after host')
    _check_escapes(host)
    if not _HOST.fullmatch(host):
        raise Refused("invalid character in host name")


def is_url(text: str) -> bool:
    """Whether the text is an absolute URL or an absolute path."""
    return takes(partial(_Url, fragment=False), text)


def url(text: str) -> dict[str, str]:
    """The URL that the text says."""
    try:
        _Url(text, fragment=False)
        _Url(text)
    except Refused as error:
        message = f'parse "{text}": {error}'
        raise Refused(f"URL parse error during conversion from string: {message}") from None
    return wrap("URL", text)


def _url(value: Any) -> _Url:
    return _Url(unwrap("URL", value))


def _escaped_path(value: Any) -> str:
    path = _url(value).path
    if path == "*":
        return path
    if _PATH.fullmatch(path):
        return path
    return quote_from_bytes(unquote_to_bytes(path), safe="/$&+,:;=@")


def _query(value: Any) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for pair in _url(value).query.split("&"):
        if not pair or ";" in pair or _BAD_ESCAPE.search(pair):
            continue
        key, _, item = pair.replace("+", " ").partition("=")
        found.setdefault(_decoded(key), []).append(_decoded(item))
    return found


FUNCTIONS: tuple[Function, ...] = (
    plain("url", "string", "URL", url),
    plain("isURL", "string", "bool", is_url),
    member("getScheme", "URL", "string", lambda value: _url(value).scheme),
    member("getHost", "URL", "string", lambda value: _url(value).host),
    member("getHostname", "URL", "string", lambda value: _url(value).hostname),
    member("getPort", "URL", "string", lambda value: _url(value).port),
    member("getEscapedPath", "URL", "string", _escaped_path),
    member("getQuery", "URL", "map<string,list<string>>", _query),
)
