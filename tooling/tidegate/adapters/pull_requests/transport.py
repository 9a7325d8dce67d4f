"""Over what a token may go out."""

from __future__ import annotations

from urllib.parse import urlsplit

from tidegate.errors import InputError

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


def check_transport(url: str) -> None:
    """Raises InputError for an address without TLS, unless it is this very machine's."""
    parts = urlsplit(url)
    if parts.scheme != "https" and (parts.hostname or "") not in _LOOPBACK:
        raise InputError(
            f"{parts.scheme}://{parts.netloc} would send the token without TLS",
            hint="set pullRequests.url in tidegate.yaml to https://…",
        )
