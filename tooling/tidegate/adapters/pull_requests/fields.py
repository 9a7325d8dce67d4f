"""Reads what came as JSON: what is missing is empty, and what is of another type is an error."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from tidegate.errors import OutsideError


@dataclass(frozen=True, slots=True)
class Fields:
    """An object of an answer; `whose` says, for people, who gave it."""

    whose: str
    data: Mapping[str, Any] = field(default_factory=dict)

    def text(self, key: str) -> str:
        """A string as it came."""
        value = self.data.get(key)
        return "" if value is None else str(self._of(str, key, value))

    def flag(self, key: str) -> bool | None:
        """A boolean; None where nothing is said."""
        value = self.data.get(key)
        return None if value is None else bool(self._of(bool, key, value))

    def number(self, key: str) -> int:
        """A whole number."""
        value = self.data.get(key)
        if value is None or isinstance(value, bool):
            raise self._malformed(key)
        return int(self._of(int, key, value))

    def time(self, key: str) -> datetime | None:
        """A time with its zone."""
        text = self.text(key)
        if not text:
            return None
        try:
            found = datetime.fromisoformat(text)
        except ValueError:
            raise self._malformed(key) from None
        return found if found.tzinfo else found.replace(tzinfo=UTC)

    def inner(self, key: str) -> Fields:
        """An object; an empty one where there is none."""
        value = self.data.get(key)
        return Fields(self.whose, {} if value is None else self._of(dict, key, value))

    def items(self, key: str) -> tuple[Fields, ...]:
        """A list of objects."""
        value = self.data.get(key)
        return () if value is None else items(self.whose, value, key)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of strings."""
        values = self._of(list, key, self.data.get(key) or [])
        return tuple(self._of(str, key, value) for value in values)

    def has(self, key: str) -> bool:
        """Whether anything is said."""
        return self.data.get(key) is not None

    def _of(self, kind: type, key: str, value: Any) -> Any:
        if not isinstance(value, kind):
            raise self._malformed(key)
        return value

    def _malformed(self, key: str) -> OutsideError:
        return malformed(self.whose, key)


def malformed(whose: str, key: str) -> OutsideError:
    """What to raise about a value that can't be read."""
    return OutsideError(f"an answer of {whose} makes no sense: '{key}' is missing or malformed")


def parse(whose: str, body: bytes) -> Any:
    """The JSON of an answer. Raises OutsideError, which shows nothing of it."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise OutsideError(
            f"an answer of {whose} is no JSON",
            hint="is this the address of its API, and is no login page or proxy in between?",
        ) from None


def one(whose: str, value: Any) -> Fields:
    """An answer that is an object."""
    if not isinstance(value, dict):
        raise malformed(whose, "the answer")
    return Fields(whose, value)


def items(whose: str, value: Any, key: str = "the answer") -> tuple[Fields, ...]:
    """A list of objects."""
    if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
        raise malformed(whose, key)
    return tuple(Fields(whose, item) for item in value)
