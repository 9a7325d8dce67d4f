"""Reads what came as JSON: what is missing is empty, what is of another type is an error, and text
has a bounded length."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tidegate.errors import OutsideError

_TEXT_LIMIT = 4_000
_NOTHING: Mapping[str, Any] = {}

Fields = Mapping[str, Any]


class Malformed(OutsideError):
    """A field is of another type than Argo CD's."""

    def __init__(self, key: str, expected: str) -> None:
        super().__init__(f"an answer of Argo CD makes no sense: '{key}' is no {expected}")


def parse(body: bytes | str, what: str) -> Fields:
    """A JSON object. Raises OutsideError, which shows nothing of the body."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise OutsideError(f"{what} is no JSON") from None
    if not isinstance(found, dict):
        raise OutsideError(f"{what} is no JSON object")
    return found


def text(fields: Fields, key: str) -> str:
    """A string as it came, cut at a length that no name or message needs."""
    value = fields.get(key)
    if isinstance(value, str):
        return value if len(value) <= _TEXT_LIMIT else value[: _TEXT_LIMIT - 1] + "…"
    if value is None:
        return ""
    raise Malformed(key, "text")


def inner(fields: Fields, key: str) -> Fields:
    """An object."""
    value = fields.get(key)
    if isinstance(value, dict):
        return value
    if value is None:
        return _NOTHING
    raise Malformed(key, "object")


def items(fields: Fields, key: str) -> Sequence[Fields]:
    """A list of objects."""
    value = fields.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise Malformed(key, "list of objects")
    return value


def texts(fields: Fields, key: str) -> tuple[str, ...]:
    """A list of strings."""
    value = fields.get(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise Malformed(key, "list of texts")
    return tuple(value)


def words(fields: Fields, key: str) -> Mapping[str, str]:
    """An object whose values are all strings, such as labels."""
    value = inner(fields, key)
    if not all(isinstance(item, str) for item in value.values()):
        raise Malformed(key, "object of texts")
    return value


def flag(fields: Fields, key: str) -> bool:
    """A boolean."""
    value = fields.get(key)
    if value is None:
        return False
    if not isinstance(value, bool):
        raise Malformed(key, "boolean")
    return value


def number(fields: Fields, key: str) -> int:
    """A whole number."""
    value = fields.get(key)
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise Malformed(key, "whole number")
    return value


def time(fields: Fields, key: str) -> datetime | None:
    """A time with its zone."""
    value = fields.get(key)
    if value is None or value == "":
        return None
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise Malformed(key, "time") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
