"""Formats that the API server checks in custom resources; where it takes more than is written
down anywhere, so does this."""

from __future__ import annotations

import ipaddress
import re
from datetime import date

from tidegate.policy.schemas.formats import is_base64, is_moment

_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}(-?[0-9a-f]{4}){3}-?[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_OCTETS = re.compile(r"\d{1,3}(\.\d{1,3}){3}", re.ASCII)
_DIGIT, _UNIT = re.compile(r"[0-9]"), re.compile(r"[A-Za-zµμ]")
_ZERO = re.compile(r"[-+]?0*")


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _is_moment(text: str) -> bool:
    return is_moment(text.upper())


def _is_bytes(text: str) -> bool:
    return bool(text) and is_base64("".join(text.split()))


def _is_uuid(text: str) -> bool:
    return _UUID.fullmatch(text) is not None


def _is_ipv4(text: str) -> bool:
    found = _OCTETS.fullmatch(text)
    return found is not None and all(int(octet) <= 255 for octet in text.split("."))


def _is_ipv6(text: str) -> bool:
    try:
        return "%" not in text and ipaddress.ip_address(text).version == 6
    except ValueError:
        return False


def _is_cidr(text: str) -> bool:
    address, slash, length = text.partition("/")
    if not slash or not length.isdecimal() or len(length) > 3:
        return False
    return (_is_ipv4(address) and int(length) <= 32) or (_is_ipv6(address) and int(length) <= 128)


def _is_duration(text: str) -> bool:
    digit = _DIGIT.search(text)
    if digit and _UNIT.search(text, digit.end()):
        return True
    return bool(text and _ZERO.fullmatch(text))


def _is_uri(text: str) -> bool:
    return text.startswith("/") or ":" in text


CUSTOM_FORMATS = {
    "date": _is_date,
    "date-time": _is_moment,
    "datetime": _is_moment,
    "byte": _is_bytes,
    "uuid": _is_uuid,
    "ipv4": _is_ipv4,
    "ipv6": _is_ipv6,
    "cidr": _is_cidr,
    "duration": _is_duration,
    "uri": _is_uri,
}
CUSTOM_EXPECTED = {
    "date": "a date such as 2026-01-31",
    "date-time": "a time such as 2026-01-31T18:00:00Z",
    "datetime": "a time such as 2026-01-31T18:00:00Z",
    "byte": "base64",
    "uuid": "a UUID",
    "ipv4": "an IPv4 address",
    "ipv6": "an IPv6 address",
    "cidr": "a network such as 10.0.0.0/8",
    "duration": "a duration such as 1h30m",
    "uri": "a URI",
}
