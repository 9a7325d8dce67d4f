"""Objects as the API server's JSON decoder leaves them, in types that the CEL library takes."""

from __future__ import annotations

import datetime
from typing import Any

from tidegate.domain.manifest import Object

DEPTH_LIMIT = 100

_LARGEST = 2**63
# Fields whose keys are the user's own: nothing is left out of them for being empty.
MAPS = frozenset(
    {
        *("labels", "annotations", "matchLabels", "nodeSelector", "data", "stringData"),
        *("binaryData", "limits", "requests", "hard", "parameters", "capacity"),
    }
)
_QUANTITIES = dict.fromkeys(("limits", "requests", "hard", "capacity"), "0")
# What Go leaves out where it has the type's zero value. Other fields are pointers, and stay.
_FALSE = frozenset(
    {
        *("hostNetwork", "hostPID", "hostIPC", "stdin", "stdinOnce", "tty", "readOnly", "paused"),
        *("publishNotReadyAddresses", "unschedulable"),
    }
)
_ZERO = frozenset(
    {
        *("minReadySeconds", "initialDelaySeconds", "timeoutSeconds", "periodSeconds"),
        *("successThreshold", "failureThreshold", "hostPort", "nodePort"),
    }
)
_POINTERS = frozenset(
    {
        *("storageClassName", "volumeAttributesClassName", "ingressClassName", "apiGroup"),
        *("runtimeClassName", "appProtocol", "loadBalancerClass", "type", "service", "kind"),
    }
)


def plain(data: Object, *, typed: bool) -> dict[str, Any]:
    """A copy that changes nothing of the original. `typed` is for Kubernetes' own kinds: nulls and
    what is empty are left out where Go leaves them out. Custom resources keep theirs."""
    return _mapping(data, typed, 0)


def _mapping(data: Object, typed: bool, depth: int) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key, value in data.items():
        name = key if type(key) is str and key.isascii() and key.isprintable() else _text(key)
        if typed and not value and (value is None or _omitted(name, value)):
            continue
        if type(value) is str and value.isascii() and value.isprintable():
            result[name] = value
        elif typed and name in MAPS and isinstance(value, dict):
            result[name] = _map(value, _QUANTITIES.get(name, ""), depth + 1)
        else:
            result[name] = _value(value, typed, depth + 1)
    return result


def _map(data: Object, null: str, depth: int) -> dict[str, Any]:
    """A map whose keys are the user's own; Go reads null as the type's zero value."""
    found = _mapping(data, False, depth)
    return {key: null if value is None else value for key, value in found.items()}


def _omitted(name: str, value: Any) -> bool:
    if value is False:
        return name in _FALSE
    if value == "":
        return name not in _POINTERS
    if isinstance(value, int | float):
        return name in _ZERO
    return name in MAPS or isinstance(value, list)


def _value(value: Any, typed: bool, depth: int) -> Any:
    if depth > DEPTH_LIMIT:
        return ""
    if isinstance(value, dict):
        return _mapping(value, typed, depth)
    if isinstance(value, list | tuple):
        return [_value(item, typed, depth + 1) for item in value]
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value if -_LARGEST <= value < _LARGEST else _float(value)
    if isinstance(value, float):
        return value
    if isinstance(value, datetime.date):
        return value.isoformat()
    return _text(value)


def _float(value: int) -> float:
    try:
        return float(value)
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")


def _text(value: object) -> str:
    """Text that can be handed to C: no NUL, and no half of a pair of surrogates."""
    text = value if isinstance(value, str) else str(value)
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")
