"""Custom resources as the rules of their definitions see them
(apiextensions-apiserver/pkg/apiserver/schema/cel)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Words of CEL, which no field may be called.
_RESERVED = frozenset(
    {
        *("true", "false", "null", "in", "as", "break", "const", "continue", "else", "for"),
        *("function", "if", "import", "let", "loop", "package", "namespace", "return", "var"),
        *("void", "while"),
    }
)
_ESCAPES = (("__", "__underscores__"), (".", "__dot__"), ("-", "__dash__"), ("/", "__slash__"))
# What the server hands on as something else than text, and the CEL library can't be given.
_TYPED = ("date", "date-time", "datetime", "duration", "byte")
_NAMES = ("name", "generateName")
_EMBEDDED = "x-kubernetes-embedded-resource"


def escaped(name: str) -> str:
    """A field's name as rules write it."""
    if name in _RESERVED:
        return f"__{name}__"
    for sign, word in _ESCAPES:
        name = name.replace(sign, word)
    return name


def is_typed(schema: Mapping[str, Any]) -> bool:
    """Whether a value is neither text nor number to rules, though it is written so."""
    return schema.get("format") in _TYPED and schema.get("type") == "string"


def seen_by_rules(value: Any, schema: Mapping[str, Any]) -> Any:
    """A whole object that is complete: the fields that its schema has, each of its type."""
    # With it come the policies' own rooms, which most checks don't need.
    from tidegate.policy.admission.values import plain

    clean = plain(value, typed=False)
    return _seen(clean, {**schema, _EMBEDDED: True})


def _seen(value: Any, schema: Any) -> Any:
    known = schema if isinstance(schema, Mapping) else {}
    if isinstance(value, list):
        return [_seen(item, known.get("items")) for item in value]
    if isinstance(value, dict):
        return _fields(value, known)
    if known.get("type") == "number" and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    return value


def _fields(value: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        return {key: _seen(item, others) for key, item in value.items()}
    properties = schema.get("properties")
    own = properties if isinstance(properties, Mapping) else {}
    # A null that may be there is as good as no such field.
    there = [key for key, item in value.items() if key in own and item is not None]
    found = {escaped(key): _seen(value[key], own[key]) for key in there}
    if schema.get(_EMBEDDED):
        found.update({key: value[key] for key in ("apiVersion", "kind") if key in value})
        metadata = value.get("metadata")
        if isinstance(metadata, dict):
            found["metadata"] = {key: metadata[key] for key in _NAMES if key in metadata}
    return found
