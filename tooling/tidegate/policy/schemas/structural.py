"""A custom resource's structural schema → a strict JSON schema, and objects as the API server
sees them before it validates: nulls dropped, defaults filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.manifest import mapping
from tidegate.policy.schemas.custom_formats import CUSTOM_FORMATS
from tidegate.policy.schemas.list_keys import KEYS

Schema = dict[str, Any]

META = "#/$defs/ObjectMeta"
_INTEGERS = {"int32": 2**31, "int64": 2**63}
_FLOAT = 3.4028235677973366e38
_LIMITS = (
    *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
    *("pattern", "enum", "multipleOf"),
)
_JUNCTIONS = ("allOf", "anyOf", "oneOf")
_EITHER = ({"type": "integer"}, {"type": "string"})


def convert(schema: Mapping[str, Any]) -> Schema:
    """The strict schema of a whole custom resource. What can't be understood allows anything."""
    result = _node(schema, root=True)
    properties = result.setdefault("properties", {})
    # It is the server's own: where it is a subresource, what is written there counts for nothing.
    properties["status"] = {}
    result["required"] = [key for key in result.get("required", ()) if key != "status"]
    return result


def convert_value(schema: Mapping[str, Any]) -> Schema:
    """The strict schema of one field, which may refer to `META`."""
    return _node(schema)


def settle(value: Any, schema: Any) -> Any:
    """A copy as the API server has it before it validates: without nulls that aren't `nullable`,
    and with defaults."""
    if not isinstance(schema, Mapping):
        return value
    if isinstance(value, dict):
        return _settle_mapping(value, schema)
    if isinstance(value, list):
        return [settle(item, schema.get("items")) for item in value]
    return value


def _settle_mapping(value: dict[str, Any], schema: Mapping[str, Any]) -> dict[str, Any]:
    properties = mapping(schema.get("properties"))
    others = schema.get("additionalProperties")
    result = {}
    for key, item in value.items():
        own = properties.get(key, others)
        if item is None and isinstance(own, Mapping) and not own.get("nullable"):
            continue
        result[key] = settle(item, own)
    for key, own in properties.items():
        if key not in result and isinstance(own, Mapping) and own.get("default") is not None:
            result[key] = settle(own["default"], own)
    return result


def _node(schema: Any, *, root: bool = False) -> Schema:
    """A node of the structural part: its type, what is in it, and its own limits."""
    if not isinstance(schema, Mapping):
        return {}
    result = dict(_limits(schema))
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
        if list(schema.get("anyOf", ())) == list(_EITHER):
            result.pop("anyOf", None)
    elif isinstance(schema.get("type"), str):
        result["type"] = schema["type"]
    _add_fields(result, schema, root=root)
    if "items" in schema:
        result["items"] = _node(schema["items"])
    result.update(_list_keys(schema))
    return _with_null(result) if schema.get("nullable") else result


def _with_null(result: Schema) -> Schema:
    """The same, for a value that may be null."""
    if "type" in result:
        types = result["type"]
        result["type"] = [*([types] if isinstance(types, str) else types), "null"]
    if isinstance(result.get("enum"), list):
        result["enum"] = [*result["enum"], None]
    inner = {key: result.pop(key) for key in (*_JUNCTIONS, "not") if key in result}
    if inner:
        result["if"], result["then"] = {"not": {"type": "null"}}, inner
    return result


def _add_fields(result: Schema, schema: Mapping[str, Any], *, root: bool) -> None:
    if schema.get("type") != "object":
        return
    properties = {key: _node(own) for key, own in mapping(schema.get("properties")).items()}
    embedded = bool(schema.get("x-kubernetes-embedded-resource"))
    if root or embedded:
        properties.update(
            apiVersion={"type": "string"}, kind={"type": "string"}, metadata={"$ref": META}
        )
    if embedded:
        result["required"] = sorted({*result.get("required", ()), "apiVersion", "kind"})
    if properties:
        result["properties"] = properties
    others = schema.get("additionalProperties")
    if isinstance(others, Mapping):
        result["additionalProperties"] = _node(others)
    elif not others and not schema.get("x-kubernetes-preserve-unknown-fields"):
        result["additionalProperties"] = False


def _limits(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """What a node says of values, in the words of JSON Schema 2020-12."""
    for key in _LIMITS:
        if key in schema:
            yield key, schema[key]
    if isinstance(schema.get("required"), list):
        yield "required", list(schema["required"])
    yield from _bounds(schema)
    text_format = schema.get("format")
    known = isinstance(text_format, str) and text_format in CUSTOM_FORMATS
    if known and schema.get("type") in ("string", None):
        yield "format", text_format
    for key in _JUNCTIONS:
        options = schema.get(key)
        if isinstance(options, list) and options:  # the API server takes none for absent
            yield key, [_value(option) for option in options]
    if isinstance(schema.get("not"), Mapping):
        yield "not", _value(schema["not"])


def _bounds(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind, form = schema.get("type"), schema.get("format")
    for key, exclusive, outer, pick in (
        ("minimum", "exclusiveMinimum", -1, max),
        ("maximum", "exclusiveMaximum", 1, min),
    ):
        limit = schema.get(key)
        limit = limit if isinstance(limit, int | float) else None
        if limit is not None and schema.get(exclusive) is True:
            yield exclusive, limit
            limit = None
        own: float | None = None
        if kind == "integer":
            size = _INTEGERS.get(str(form), 2**63)
            own = -size if outer < 0 else size - 1
        elif kind == "number" and form == "float":
            own = outer * _FLOAT
        known = [bound for bound in (limit, own) if bound is not None]
        if known:
            yield key, pick(known)


def _value(schema: Any) -> Schema:
    """A node inside `anyOf` and the like: it limits values, and never says which fields exist."""
    if not isinstance(schema, Mapping):
        return {}
    result = dict(_limits(schema))
    if schema.get("x-kubernetes-int-or-string"):
        result["type"] = ["integer", "string"]
    elif isinstance(schema.get("type"), str):
        result["type"] = schema["type"]
    properties = mapping(schema.get("properties"))
    if properties:
        result["properties"] = {key: _value(own) for key, own in properties.items()}
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), Mapping):
            result[key] = _value(schema[key])
    return result


def _list_keys(schema: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    kind = schema.get("x-kubernetes-list-type")
    keys = schema.get("x-kubernetes-list-map-keys")
    if kind == "set":
        yield KEYS, []
    elif kind == "map" and isinstance(keys, list) and keys:
        yield KEYS, [str(key) for key in keys]
