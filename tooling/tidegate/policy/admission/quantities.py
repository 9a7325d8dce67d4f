"""Quantities in the one form in which the API server keeps each of them."""

from __future__ import annotations

from typing import Any

from tidegate.policy.admission.library.quantity import parse
from tidegate.policy.admission.library.signature import Refused

_NANO = 10**9
_DECIMAL = {-9: "n", -6: "u", -3: "m", 0: "", 3: "k", 6: "M", 9: "G", 12: "T", 15: "P", 18: "E"}
_BINARY = ("", "Ki", "Mi", "Gi", "Ti", "Pi", "Ei")


def canonical(value: Any) -> Any:
    """`1000m` → `1`, `1024Mi` → `1Gi`, 2 → `2`. What is no quantity stays: others say so."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return value
    text = str(value).strip()
    try:
        nanos = parse(text).nanos
    except Refused:
        return value
    if text.endswith("i") and nanos % _NANO == 0 and abs(nanos) >= 1024 * _NANO:
        return _binary(nanos // _NANO)
    return _decimal(nanos, exponent="e" in text.lower().removesuffix("e") and text[-1:].isdigit())


def canonical_map(values: Any) -> Any:
    """The same for every value of a mapping such as `limits`."""
    if not isinstance(values, dict):
        return values
    return {name: canonical(value) for name, value in values.items()}


def _binary(number: int) -> str:
    power = 0
    while number % 1024 == 0 and power < 6:
        number, power = number // 1024, power + 1
    return f"{number}{_BINARY[power]}"


def _decimal(number: int, *, exponent: bool) -> str:
    if number == 0:
        return "0"
    power = -9
    while number % 10 == 0 and power < 18:
        number, power = number // 10, power + 1
    while power % 3:
        number, power = number * 10, power - 1
    if exponent:
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_DECIMAL[power]}"
