"""Reads objects that may have any shape: what isn't what it should be counts as not there.

That it is wrong is for the schemas to say; a rule only has to survive it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.text import one_line

_NOTHING: Mapping[str, Any] = {}
_PERCENT = re.compile(r"[0-9]{1,9}%")
_SHOWN = 120
_INT64 = 2**63


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else _NOTHING


def sequence(value: object) -> Sequence[Any]:
    """The value where it is a list, else an empty one."""
    return value if isinstance(value, list | tuple) else ()


def text(value: object) -> str:
    """The value where it is text, else empty."""
    return value if isinstance(value, str) else ""


def integer(value: object) -> int | None:
    """The value where it is a whole number that Kubernetes could hold, else None."""
    if not isinstance(value, int) or isinstance(value, bool) or abs(value) >= _INT64:
        return None
    return value


def at(data: object, *keys: str) -> Any:
    """What lies under the keys, one in another; None where a part is missing."""
    for key in keys:
        if not isinstance(data, dict):
            return None
        data = data.get(key)
    return data


def entries(data: object, *keys: str) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The mappings of the list under the keys, with their positions."""
    for index, item in enumerate(sequence(at(data, *keys))):
        if isinstance(item, dict):
            yield index, item


def texts(value: object) -> tuple[str, ...]:
    """The texts of a list."""
    return tuple(item for item in sequence(value) if isinstance(item, str))


def percent(value: object) -> int | None:
    """`50%` → 50."""
    found = isinstance(value, str) and _PERCENT.fullmatch(value)
    return int(value[:-1]) if found and isinstance(value, str) else None


def shown(value: object) -> str:
    """A value from outside, fit for a message."""
    if isinstance(value, str):
        return one_line(value[: 4 * _SHOWN], _SHOWN)
    word = scalar(value)
    return one_line(word, _SHOWN) if word else "a mapping" if isinstance(value, dict) else "a list"


def scalar(value: object) -> str:
    """A number, truth value or text, as YAML would write it; empty for all else."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, int):  # Python refuses to write numbers of thousands of digits
        return str(value) if abs(value) < _INT64 else "a very large number"
    return str(value) if isinstance(value, float) else ""


def listed(values: Sequence[str], most: int = 5) -> str:
    """`a, b and c`; the first few of many."""
    names = [shown(value) for value in values[:most]]
    if len(values) > most:
        names.append(f"{len(values) - most} more")
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
