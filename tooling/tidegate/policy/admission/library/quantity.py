"""Kubernetes' quantities, such as 100m, 1.5Gi and 2e3: exact, to the nano."""

from __future__ import annotations

import math
import re
from functools import lru_cache, partial
from typing import Any, NamedTuple

from tidegate.policy.admission.library.signature import (
    Function,
    Refused,
    member,
    plain,
    takes,
    unwrap,
    wrap,
)

_FORM = re.compile(
    r"(?P<sign>[+-]?)(?P<whole>[0-9]*)(?:\.(?P<part>[0-9]*))?"
    r"(?P<suffix>[KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?",
    re.ASCII,
)
_BINARY = {f"{letter}i": 10 * (n + 1) for n, letter in enumerate("KMGTPE")}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_NANO = 10**9
_INT = 2**63
_LENGTH, _EXPONENT = 512, 600
# As many digits as Go's quick form may have; of binary numbers, with what their power adds.
_DIGITS, _BINARY_DIGITS = 18, 15
_WHOLE = "whole"


_MESSAGE = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)


class Amount(NamedTuple):
    """A quantity in nanos. `whole` says whether Go can make an int64 of it: it doesn't try for
    numbers that were written with fractions, or with very many digits."""

    nanos: int
    whole: bool


def parse(text: str) -> Amount:
    """The quantity that the text says, rounded up to the nano. Raises Refused for what is none."""
    if not 0 < len(text) <= _LENGTH:
        raise Refused(_MESSAGE)
    return _parse(text)


@lru_cache(maxsize=1024)  # a repository's quantities are few, and asked for again and again
def _parse(text: str) -> Amount:
    match = _FORM.fullmatch(text)
    if match is None:
        raise Refused(_MESSAGE)
    whole, part, suffix = match["whole"].lstrip("0"), match["part"] or "", match["suffix"] or ""
    digits = int(whole + part or "0")
    binary = _BINARY.get(suffix, 0)
    power = 0 if binary else _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
    power = max(-_EXPONENT, min(power, _EXPONENT)) - len(part)
    if binary:
        quick = not part and len(whole or "0") + binary * 3 // 10 + 1 <= _BINARY_DIGITS
    else:
        quick = len((whole or "0") + part) <= _DIGITS and power >= -9
    number = digits << binary
    nanos = number * 10 ** (power + 9) if power >= -9 else -(-number // 10 ** (-9 - power))
    if not quick:  # what doesn't fit is held at the largest value that there is
        nanos = min(nanos, (_INT - 1) * _NANO)
    nanos = -nanos if match["sign"] == "-" else nanos
    return Amount(nanos, quick and power >= 0 and -_INT <= nanos // _NANO < _INT)


def quantity(text: str) -> dict[str, Any]:
    """The quantity that the text says."""
    return _wrap(parse(text))


def _wrap(amount: Amount) -> dict[str, Any]:
    # To CEL 1 and 1.0 are equal, and so quantities of one value are, whatever they are made of.
    return wrap("Quantity", str(amount.nanos)) | {_WHOLE: 1 if amount.whole else 1.0}


def _amount(value: Any) -> Amount:
    return Amount(int(unwrap("Quantity", value)), isinstance(value.get(_WHOLE), int))


def _nanos(value: Any) -> int:
    return int(unwrap("Quantity", value))


def _as_integer(value: Any) -> int:
    if not _amount(value).whole:
        raise Refused("cannot convert value to integer")
    return _nanos(value) // _NANO


def _add(one: Amount, other: Amount) -> dict[str, Any]:
    nanos = one.nanos + other.nanos
    whole = one.whole and other.whole and -_INT <= nanos // _NANO < _INT
    if not one.nanos or not other.nanos:
        whole = other.whole if other.nanos else one.whole
    return _wrap(Amount(nanos, whole))


def _subtract(one: Amount, other: Amount) -> dict[str, Any]:
    return _add(one, Amount(-other.nanos, other.whole))


def _approximate(value: Any) -> float:
    try:
        return _nanos(value) / _NANO
    except OverflowError:
        return math.inf if _nanos(value) > 0 else -math.inf


def _integer(number: int) -> Amount:
    return Amount(number * _NANO, True)


def _compare(one: Any, other: Any) -> int:
    return (_nanos(one) > _nanos(other)) - (_nanos(one) < _nanos(other))


def _sign(value: Any) -> int:
    return (_nanos(value) > 0) - (_nanos(value) < 0)


FUNCTIONS: tuple[Function, ...] = (
    plain("quantity", "string", "Quantity", quantity),
    plain("isQuantity", "string", "bool", partial(takes, parse)),
    plain("sign", "Quantity", "int", _sign),
    member("isGreaterThan", "Quantity Quantity", "bool", lambda a, b: _compare(a, b) > 0),
    member("isLessThan", "Quantity Quantity", "bool", lambda a, b: _compare(a, b) < 0),
    member("compareTo", "Quantity Quantity", "int", _compare),
    member("asApproximateFloat", "Quantity", "double", _approximate),
    member("asInteger", "Quantity", "int", _as_integer),
    member("isInteger", "Quantity", "bool", lambda a: _amount(a).whole),
    member("add", "Quantity Quantity", "Quantity", lambda a, b: _add(_amount(a), _amount(b))),
    member("add", "Quantity int", "Quantity", lambda a, b: _add(_amount(a), _integer(b))),
    member("sub", "Quantity Quantity", "Quantity", lambda a, b: _subtract(_amount(a), _amount(b))),
    member("sub", "Quantity int", "Quantity", lambda a, b: _subtract(_amount(a), _integer(b))),
)
