"""What a plain scalar means to Go's YAML, which kubectl and Argo CD read with and kustomize prints
with (sigs.k8s.io/yaml: goyaml.v2/resolve.go): YAML 1.1, with `y` and `n`, with 1.2's octals, and
without numbers to base 60."""

from __future__ import annotations

import base64
import math
import re
from functools import lru_cache
from types import NoneType
from typing import Any

REMEMBERED = 64  # characters

_WORDS: dict[str, Any] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE"), True),
    **dict.fromkeys(("on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE"), False),
    **dict.fromkeys(("off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys((".nan", ".NaN", ".NAN"), math.nan),
    **dict.fromkeys((".inf", ".Inf", ".INF", "+.inf", "+.Inf", "+.INF"), math.inf),
    **dict.fromkeys(("-.inf", "-.Inf", "-.INF"), -math.inf),
}
_NUMERIC = frozenset("+-.0123456789")
_DECIMAL = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_OCTAL = re.compile(r"([-+]?)0[oO]?([0-7]+)")
_OTHER_BASE = re.compile(r"[-+]?0(?:[xX][0-9a-fA-F]+|[bB][01]+)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_BETWEEN = re.compile(r"(?<=[0-9])_(?=[0-9])")
# Whole numbers have 64 bits, and JSON's reader makes a fraction of what needs the last of them.
_LEAST, _FRACTION, _MOST = -(2**63), 2**63, 2**64 - 1
_LONGEST = 400  # digits: no fraction is as large as what has more of them
_TAG = "tag:yaml.org,2002:"
# Any other tag leaves a text as it is; Kubernetes knows no timestamps.
_TYPES = {_TAG + "int": int, _TAG + "float": float, _TAG + "bool": bool, _TAG + "null": NoneType}
_BINARY = _TAG + "binary"


def resolve(text: str, tag: str | None = None) -> Any:
    """A plain scalar's value, or a tagged one's. Raises ValueError for text that its tag doesn't
    fit, such as a number of more than 64 bits; the message names the tag."""
    # The same few come again and again; long ones aren't worth the memory.
    return _known(text, tag) if len(text) <= REMEMBERED else _resolve(text, tag)


def key_of(value: Any) -> str | None:
    """What kubectl makes of a key, for all keys are text to it; None for null, which it refuses."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return repr(value).removesuffix(".0")
    return None if value is None else str(value)


def _resolve(text: str, tag: str | None) -> Any:
    if tag is not None:
        return _tagged(text, tag)
    if text in _WORDS:
        return _WORDS[text]
    return _number(text) if text[0] in _NUMERIC else text


def _number(text: str) -> Any:
    plain = _BETWEEN.sub("", text) if text[0] == "." else text.replace("_", "")
    based = _based(plain)
    if based is not None and _LEAST <= based <= _MOST:
        return based if based < _FRACTION else float(based)
    # A decimal number that is too large is a fraction, as is one that only looks octal.
    found = float(plain) if _FLOAT.fullmatch(plain) else math.inf
    return found if math.isfinite(found) else text


def _based(plain: str) -> int | None:
    """A whole number to any base."""
    if _DECIMAL.fullmatch(plain):
        return int(plain) if len(plain) <= _LONGEST else None
    octal = _OCTAL.fullmatch(plain)
    if octal:
        return int(octal[1] + octal[2], 8)
    return int(plain, 0) if _OTHER_BASE.fullmatch(plain) else None


def _tagged(text: str, tag: str) -> Any:
    try:
        if tag == _BINARY:
            data = base64.b64decode(text.replace("\n", ""), validate=True)
            return data.decode("utf-8", "replace")
        type_ = _TYPES.get(tag)
        value = text if type_ is None else _resolve(text, None)
        if type_ is float and type(value) is int:
            return float(value)
        if type_ is None or type(value) is type_:
            return value
    except ValueError:  # of base64
        pass
    raise ValueError(f"!!{tag.removeprefix(_TAG)}")


_known = lru_cache(maxsize=4096)(_resolve)
