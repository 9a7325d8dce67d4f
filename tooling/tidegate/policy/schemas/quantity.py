"""Quantities, exactly as Kubernetes reads them (k8s.io/apimachinery/pkg/api/resource)."""

from __future__ import annotations

import re
from decimal import Decimal
from functools import lru_cache

_QUANTITY = re.compile(
    r"([+-]?)([0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:([KMGTPE]i|[numkMGTPE]?)|[eE]([+-]?[0-9]{1,18}))"
)
_DECIMAL = {"": 0, "n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 1, "Mi": 2, "Gi": 3, "Ti": 4, "Pi": 5, "Ei": 6}
# Beyond this the server counts no further either.
_MOST, _LEAST = Decimal(10) ** 30, Decimal(1).scaleb(-9)

_FAR = 10_000
_WITH_BYTES = re.compile(
    r"(?P<digits>[0-9]{1,12}(?:\.[0-9]{1,6})?) ?(?P<letter>[kKmMgGtTpP]) ?(?P<i>[iI]?)(?P<b>[bB]?)"
)
_SI = {"K": "k", "M": "M", "G": "G", "T": "T", "P": "P"}


@lru_cache(maxsize=4096)
def parse(value: str | int | float) -> Decimal | None:
    """The amount, rounded up to a billionth; None for what is no quantity. Spaces around it count
    for nothing."""
    found = _QUANTITY.fullmatch(value.strip(" ") if isinstance(value, str) else repr(value))
    if not found:
        return None
    sign, digits, suffix, exponent = found.groups()
    amount = Decimal(digits)
    if exponent:
        amount = amount.scaleb(max(min(int(exponent), _FAR), -_FAR))
    elif suffix in _BINARY:
        amount *= 1024 ** _BINARY[suffix]
    else:
        amount = amount.scaleb(_DECIMAL[suffix or ""])
    if amount > _MOST:
        amount = _MOST
    elif 0 < amount < _LEAST:
        amount = _LEAST
    return -amount if sign == "-" else amount


def is_quantity(text: str) -> bool:
    """Whether a text is one."""
    return parse(text) is not None


def likely_quantity(text: str) -> str | None:
    """What was meant by a unit that has a B for bytes, or letters in the wrong case: `20GB`."""
    found = _WITH_BYTES.fullmatch(text)
    if not found or not (found["b"] or found["i"]):
        return None
    letter = found["letter"].upper()
    return f"{found['digits']}{letter}i" if found["i"] else f"{found['digits']}{_SI[letter]}"


def amount_of(value: object) -> Decimal | None:
    """The amount of a value of any type; None for what is no quantity."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return parse(value)
