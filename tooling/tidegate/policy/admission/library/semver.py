"""Kubernetes' semantic versions: parsed strictly, or made whole first, and compared."""

from __future__ import annotations

import re
from functools import partial
from typing import Any

from tidegate.policy.admission.library.signature import (
    Function,
    Refused,
    member,
    plain,
    takes,
    unwrap,
    wrap,
)

_NUMBER = r"(?:0|[1-9][0-9]*)"
_FORM = re.compile(
    rf"({_NUMBER})\.({_NUMBER})\.({_NUMBER})"
    r"(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?",
    re.ASCII,
)
_LARGEST = 2**64
_LENGTH = 512


def _parse(text: str) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    match = _FORM.fullmatch(text) if len(text) <= _LENGTH else None
    if match is None:
        raise Refused("Invalid semantic version")
    early = tuple(match[4].split(".")) if match[4] else ()
    numbers = int(match[1]), int(match[2]), int(match[3])
    leading = any(part.isdigit() and part != "0" and part[0] == "0" for part in early)
    if leading or max(numbers) >= _LARGEST:
        raise Refused("Invalid semantic version")
    return numbers, early


def _whole(text: str) -> str:
    """Without a `v` before it and zeros before its numbers, with zeros for what is missing."""
    parts = text.removeprefix("v").split(".", 2)
    for index, part in enumerate(parts):
        if len(part) > 1:
            bare = part.lstrip("0")
            parts[index] = bare if bare[:1].isdigit() and bare[:1].isascii() else "0" + bare
    if len(parts) < 3:
        if set("+-") & set(parts[-1]):
            raise Refused("short version cannot contain PreRelease/Build meta data")
        parts += ["0"] * (3 - len(parts))
    return ".".join(parts)


def semver(text: str, normalize: bool = False) -> dict[str, str]:
    """The version that the text says."""
    text = _whole(text) if normalize else text
    _parse(text)
    # Build metadata counts for nothing in comparisons, and so for nothing in equality.
    return wrap("Semver", text.partition("+")[0])


def _parts(value: Any) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    return _parse(unwrap("Semver", value))


def _signed(number: int) -> int:
    """What is left of a uint64 in an int64."""
    return number if number < _LARGEST // 2 else number - _LARGEST


def _rank(early: tuple[str, ...]) -> tuple[Any, ...]:
    """Pre-releases come before the release; numbers before words."""
    if not early:
        return (1,)
    return (0, *((0, int(p), "") if p.isdigit() else (1, 0, p) for p in early))


def compare(one: Any, other: Any) -> int:
    """-1, 0 or 1."""
    (numbers, early), (numbers2, early2) = _parts(one), _parts(other)
    a, b = (numbers, _rank(early)), (numbers2, _rank(early2))
    return (a > b) - (a < b)


FUNCTIONS: tuple[Function, ...] = (
    plain("semver", "string", "Semver", semver),
    plain("semver", "string bool", "Semver", semver),
    plain("isSemver", "string", "bool", partial(takes, semver)),
    plain("isSemver", "string bool", "bool", partial(takes, semver)),
    member("major", "Semver", "int", lambda value: _signed(_parts(value)[0][0])),
    member("minor", "Semver", "int", lambda value: _signed(_parts(value)[0][1])),
    member("patch", "Semver", "int", lambda value: _signed(_parts(value)[0][2])),
    member("isGreaterThan", "Semver Semver", "bool", lambda a, b: compare(a, b) > 0),
    member("isLessThan", "Semver Semver", "bool", lambda a, b: compare(a, b) < 0),
    member("compareTo", "Semver Semver", "int", compare),
)
