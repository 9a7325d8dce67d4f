"""Lists and mappings in structural schemas, and how their items are told apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import mapping, part
from tidegate.policy.schemas.syntax.words import MISSING, one_of, wrong

_LIST, _MAP = "x-kubernetes-list-type", "x-kubernetes-map-type"
_KEYS = "x-kubernetes-list-map-keys"


def judge_collection(schema: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """One node of a structural schema."""
    kind, inner = schema.get("type"), schema.get("items")
    if kind == "array" and inner is None:
        yield Flaw((*path, "items"), f"{MISSING}; expected the items' schema")
    if isinstance(inner, list):
        yield Flaw((*path, "items"), "is a list; expected one schema for all items")
    if schema.get("additionalProperties") not in (None, True) and schema.get("properties"):
        message = "is set beside properties; expected either the one or the other"
        yield Flaw((*path, "additionalProperties"), message)
    for key, wanted, words in (
        (_LIST, "array", ("atomic", "set", "map")),
        (_MAP, "object", ("atomic", "granular")),
    ):
        yield from one_of(schema, key, words, path)
        if key in schema and kind and kind != wanted:
            yield Flaw((*path, key), f"is set; expected it only beside `type: {wanted}`")
    keys = schema.get(_KEYS)
    if keys and schema.get(_LIST) != "map":
        yield Flaw((*path, _KEYS), f"is set; expected it only beside `{_LIST}: map`")
    if schema.get(_LIST) in ("set", "map") and part(schema, "items").get("nullable") is True:
        message = f"is true; expected none in a list of the type {schema[_LIST]}"
        yield Flaw((*path, "items", "nullable"), message)
    if schema.get(_LIST) == "set":
        yield from _judge_set(part(schema, "items"), (*path, "items"))
    if schema.get(_LIST) == "map":
        yield from _judge_map(schema, keys, path)


def _judge_set(inner: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """Items of a set are replaced whole."""
    if inner.get("type") == "object" and inner.get(_MAP) != "atomic":
        yield Flaw((*path, _MAP), "is not atomic; expected that of the items of a set")
    if inner.get("type") == "array" and inner.get(_LIST) not in (None, "atomic"):
        yield Flaw((*path, _LIST), "is not atomic; expected that of the items of a set")


def _judge_map(schema: dict[str, Any], keys: Any, path: FieldPath) -> Iterator[Flaw]:
    inner = part(schema, "items")
    if not isinstance(keys, list) or not keys:
        yield Flaw((*path, _KEYS), f"{MISSING}; expected the keys that tell items apart")
        return
    if inner and inner.get("type") not in (None, "object"):
        yield wrong((*path, "items", "type"), inner["type"], "object, in a list of the type map")
        return
    fields = mapping(inner.get("properties"))
    required = inner.get("required")
    for index, key in enumerate(keys):
        own = mapping(fields.get(key)) if isinstance(key, str) else {}
        if key in keys[:index]:
            yield wrong((*path, _KEYS, index), key, "each key once")
        elif not own:
            yield wrong((*path, _KEYS, index), key, "a field of the items")
        elif own.get("type") in ("array", "object"):
            where = (*path, "items", "properties", key, "type")
            yield wrong(where, own["type"], "a plain value, for it tells items apart")
        elif own.get("nullable") is True or (
            own.get("default") is None and not (isinstance(required, list) and key in required)
        ):
            message = "tells items apart; expected it required or with a default, and not nullable"
            yield Flaw((*path, "items", "properties", key), message)
