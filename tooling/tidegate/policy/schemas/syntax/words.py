"""Sentences that many rules need."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import number
from tidegate.policy.schemas.words import choice, shown, suggestion

MISSING = "is missing"


def wrong(path: FieldPath, value: object, expected: str) -> Flaw:
    """`is 'x'; expected …`."""
    return Flaw(path, f"is {shown(value)}; expected {expected}")


def one_of(
    data: dict[str, Any], key: str, options: Collection[str], path: FieldPath
) -> Iterator[Flaw]:
    """A field that has one of a few values, or none at all: then the server has a default."""
    value = data.get(key)
    if isinstance(value, str) and value and value not in options:
        hint = suggestion(value, options)
        yield Flaw((*path, key), f"is {shown(value)}; expected {choice(list(options))}{hint}")


def named(
    data: dict[str, Any], key: str, test: Callable[[str], bool], rule: str, path: FieldPath
) -> Iterator[Flaw]:
    """A field that is missing, empty, or a name of some form."""
    value = data.get(key)
    if isinstance(value, str) and value and not test(value):
        yield wrong((*path, key), value, rule)


def needed(data: dict[str, Any], key: str, path: FieldPath, what: str = "text") -> Iterator[Flaw]:
    """A text that the server asks for, and its schema doesn't."""
    value = data.get(key)
    if value is None or value == "":
        yield Flaw((*path, key), f"{MISSING if value is None else 'is empty'}; expected {what}")


def filled(data: dict[str, Any], keys: Collection[str], path: FieldPath) -> Iterator[Flaw]:
    """Fields that may be missing, and if they are there may not be empty."""
    for key in keys:
        if data.get(key) == "":
            yield Flaw((*path, key), "is empty; expected a value, or no such field")


def at_least(
    data: dict[str, Any], key: str, least: int, path: FieldPath, most: int | None = None
) -> Iterator[Flaw]:
    """A whole number within its limits, where there is one."""
    value = number(data.get(key))
    if value is None or (value >= least and (most is None or value <= most)):
        return
    limits = f"at least {least}" if most is None else f"a number from {least} to {most}"
    yield wrong((*path, key), value, limits)
