"""Structural schemas: every field has its type, and what limits values says nothing of types
(apiextensions-apiserver/pkg/apiserver/schema)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.structural import convert_value, settle
from tidegate.policy.schemas.syntax.definition_rules import RULES, judge_validations
from tidegate.policy.schemas.syntax.patterns import is_pattern
from tidegate.policy.schemas.syntax.reading import items, mapping, part
from tidegate.policy.schemas.syntax.structure_lists import judge_collection
from tidegate.policy.schemas.syntax.words import MISSING, one_of, wrong
from tidegate.policy.schemas.validator import Validator

Schema = dict[str, Any]

_TYPES = ("array", "boolean", "integer", "number", "object", "string")
_NEVER = (
    *("$ref", "additionalItems", "definitions", "dependencies", "id", "patternProperties"),
    "$schema",
)
# What Go leaves out where it is empty.
_OMITTED = {"definitions": {}, "patternProperties": {}, "id": "", "$schema": ""}
_PLAIN_ONLY = (
    *("type", "additionalProperties", "default", "title", "description", "nullable"),
    *("x-kubernetes-preserve-unknown-fields", "x-kubernetes-embedded-resource"),
    *("x-kubernetes-int-or-string", "x-kubernetes-list-map-keys", "x-kubernetes-list-type"),
    *("x-kubernetes-map-type", RULES),
)
_EITHER = [{"type": "integer"}, {"type": "string"}]
_OPEN = "x-kubernetes-preserve-unknown-fields"
_EMBEDDED = "x-kubernetes-embedded-resource"
_INT_OR_TEXT = "x-kubernetes-int-or-string"
_META = ("apiVersion", "kind", "metadata")


def judge_structure(schema: Schema, path: FieldPath) -> Iterator[Flaw]:
    """The schema of one version's objects."""
    if schema.get("type") not in (None, "object"):
        yield wrong((*path, "type"), schema["type"], "object")
    for key in ("additionalProperties", "nullable"):
        if schema.get(key) not in (None, False):
            yield Flaw((*path, key), "is set; expected none at the root")
    for key in _META:
        own = part(schema, "properties", key)
        if "default" in own:
            message = "is set; expected none for what every object has"
            yield Flaw((*path, "properties", key, "default"), message)
    metadata = part(schema, "properties", "metadata")
    if set(metadata) - {"type", "description", "properties", "title"} or set(
        part(metadata, "properties")
    ) - {"name", "generateName"}:
        message = "says more than that it is an object; only name and generateName may be limited"
        yield Flaw((*path, "properties", "metadata"), message)
    yield from _judge_node(schema, path, "the root")
    # The server, too, looks for fields that only limits know nowhere but from the root on.
    for own, where in _limits(schema, path, outer=True):
        yield from _judge_complete(own, where, schema)


def _judge_node(schema: Schema, path: FieldPath, what: str) -> Iterator[Flaw]:
    yield from _judge_type(schema, path, what)
    yield from _judge_words(schema, path)
    yield from judge_collection(schema, path)
    if RULES in schema:
        yield from judge_validations(schema, path)
    yield from _judge_default(schema, path)
    for key, own in mapping(schema.get("properties")).items():
        if isinstance(own, dict):
            yield from _judge_node(own, (*path, "properties", key), "a field")
    others, inner = schema.get("additionalProperties"), schema.get("items")
    if isinstance(others, dict):
        yield from _judge_node(others, (*path, "additionalProperties"), "a field")
    if isinstance(inner, dict):
        yield from _judge_node(inner, (*path, "items"), "an item")
    for own, where in _limits(schema, path, outer=True):
        yield from _judge_limit(own, where)


def _judge_type(schema: Schema, path: FieldPath, what: str) -> Iterator[Flaw]:
    kind = schema.get("type")
    if kind == "null":
        yield wrong((*path, "type"), kind, "a type, and `nullable: true` beside it")
    else:
        yield from one_of(schema, "type", _TYPES, path)
    embedded, either = schema.get(_EMBEDDED) is True, schema.get(_INT_OR_TEXT) is True
    if embedded and kind != "object":
        yield Flaw((*path, "type"), f"is not object, beside {_EMBEDDED}")
    elif not kind and not either and not schema.get(_OPEN):
        yield Flaw((*path, "type"), f"{MISSING}; expected the type of {what}")
    if either and (embedded or schema.get(_OPEN)):
        yield Flaw((*path, _INT_OR_TEXT), f"is set beside {_EMBEDDED if embedded else _OPEN}")
    if embedded and not schema.get(_OPEN) and not schema.get("properties"):
        yield Flaw((*path, "properties"), f"{MISSING}; expected it or {_OPEN}")
    if schema.get(_OPEN) is False:
        yield Flaw((*path, _OPEN), "is false; expected true, or no such key")
    if embedded:
        for key in ("apiVersion", "kind"):
            own = part(schema, "properties", key)
            if own and own.get("type") != "string":
                yield Flaw((*path, "properties", key, "type"), "is not string")


def _judge_words(schema: Schema, path: FieldPath) -> Iterator[Flaw]:
    for key in _NEVER:
        if key in schema and schema[key] != _OMITTED.get(key, ...):
            yield Flaw((*path, key), "is set; expected a schema that is complete without it")
    if schema.get("uniqueItems") is True:
        yield Flaw((*path, "uniqueItems"), "is true; expected x-kubernetes-list-type: set")
    pattern = schema.get("pattern")
    if isinstance(pattern, str) and not is_pattern(pattern):
        yield wrong((*path, "pattern"), pattern, "a regular expression as of Go (RE2)")


def _judge_default(schema: Schema, path: FieldPath) -> Iterator[Flaw]:
    value = schema.get("default")
    if value is None:
        return
    # What embedded objects say of their metadata is judged where they are used.
    own: Schema = {"type": "object", "properties": {"default": convert_value(schema)}}
    own["$defs"] = {"ObjectMeta": {}}
    settled = {"default": settle(value, schema)}
    for flaw in Validator(own).flaws(settled):
        yield Flaw((*path, *flaw.path), flaw.message)


def _limits(
    schema: Schema, path: FieldPath, *, outer: bool = False
) -> Iterator[tuple[Schema, FieldPath]]:
    """What stands in allOf, anyOf, oneOf and not, but for the two usual ways to say that a
    number may be text."""
    for key in ("allOf", "anyOf", "oneOf"):
        if outer and key == "anyOf" and schema.get(key) == _EITHER:
            continue
        for own, where in items(schema.get(key), (*path, key)):
            first = outer and where[-2:] == ("allOf", 0) and own.get("anyOf") == _EITHER
            rest = {name: value for name, value in own.items() if name != "anyOf"}
            yield (rest if first else own), where
    if isinstance(schema.get("not"), dict):
        yield schema["not"], (*path, "not")


def _judge_limit(own: Schema, path: FieldPath) -> Iterator[Flaw]:
    """A part that limits values, and says nothing of types."""
    for key in _PLAIN_ONLY:
        if own.get(key) not in (None, False, "", []):
            yield Flaw((*path, key), "is set; expected it outside of allOf, anyOf, oneOf and not")
    yield from _judge_words(own, path)
    for inner, where in (*_parts(own, path), *_limits(own, path)):
        yield from _judge_limit(inner, where)


def _judge_complete(own: Schema, path: FieldPath, around: Any) -> Iterator[Flaw]:
    """Every field and item that a part limits is in the plain schema too."""
    if not isinstance(around, dict):
        yield Flaw(path, f"{MISSING} outside of allOf, anyOf, oneOf and not")
        return
    for inner, where in _parts(own, path):
        found = around.get("items") if where[-1] == "items" else None
        if where[-2] == "properties":
            found = mapping(around.get("properties")).get(str(where[-1]))
        yield from _judge_complete(inner, where, found)
    for inner, where in _limits(own, path):
        yield from _judge_complete(inner, where, around)


def _parts(own: Schema, path: FieldPath) -> Iterator[tuple[Schema, FieldPath]]:
    """What a part says of fields and items."""
    for key, field in mapping(own.get("properties")).items():
        if isinstance(field, dict):
            yield field, (*path, "properties", key)
    if isinstance(own.get("items"), dict):
        yield own["items"], (*path, "items")
