"""What a validator found, said as this project says things."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from tidegate.domain.manifest import FieldPath
from tidegate.domain.text import TYPES
from tidegate.policy.schemas.custom_formats import CUSTOM_EXPECTED
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.formats import EXPECTED, QUANTITY
from tidegate.policy.schemas.list_keys import KEYS
from tidegate.policy.schemas.quantity import likely_quantity
from tidegate.policy.schemas.rules import SCHEMA, SYNTAX
from tidegate.policy.schemas.words import choice, in_quotes, nearest, shown, suggestion

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

# In this order people read them; jsonschema has none.
_ORDER = ("string", "integer", "number", "boolean", "object", "array")
_LIMITS = {
    "minimum": "is {value}; expected at least {limit}",
    "maximum": "is {value}; expected at most {limit}",
    "exclusiveMinimum": "is {value}; expected more than {limit}",
    "exclusiveMaximum": "is {value}; expected less than {limit}",
    "multipleOf": "is {value}; expected a multiple of {limit}",
    "minLength": "is {value}; expected at least {limit} characters",
    "maxLength": "is {value}; expected at most {limit} characters",
    "minItems": "has {size} items; expected at least {limit}",
    "maxItems": "has {size} items; expected at most {limit}",
    "minProperties": "has {size} keys; expected at least {limit}",
    "maxProperties": "has {size} keys; expected at most {limit}",
    "pattern": "is {value}; expected text that matches {limit}",
    "uniqueItems": "has an item twice",
}


def explain(error: ValidationError, schema: Mapping[str, Any]) -> Iterator[Flaw]:
    """One error as one sentence for each field that it is about."""
    path: FieldPath = tuple(error.instance_path)
    kind, details = error.kind.name, error.kind.as_dict()
    if kind == "additionalProperties":
        parent = _at(schema, error.schema_path[:-1])
        for key in details["unexpected"]:
            yield _unknown(path, key, error.instance, parent)
    elif kind == "required":
        parent = _at(schema, error.schema_path[:-1])
        yield _missing(path, details["property"], parent, schema)
    elif kind == "type":
        yield _type(path, error.instance, details["types"])
    elif kind in ("anyOf", "oneOf"):
        yield _alternatives(path, error.instance, details.get("context", ()))
    elif kind in ("enum", "const"):
        yield _choice(path, error.instance, details)
    elif kind == "format":
        yield _format(path, error.instance, details["format"])
    elif details.get("keyword") == KEYS:
        message = "repeats an earlier item; expected items that differ"
        yield _flaw((*path, int(details["message"])), message)
    else:
        yield _flaw(path, _limit(kind, details, error.instance))


def _flaw(path: FieldPath, message: str, fix: str | None = None, rule: str = SCHEMA) -> Flaw:
    return Flaw(path, message, fix, rule)


def _unknown(path: FieldPath, key: str, instance: Any, parent: Mapping[str, Any]) -> Flaw:
    known = parent.get("properties", {})
    hint = suggestion(key, (name for name in known if name not in instance))
    return _flaw((*path, key), f"is not a known field{hint}")


def _missing(
    path: FieldPath, name: str, parent: Mapping[str, Any], schema: Mapping[str, Any]
) -> Flaw:
    wanted = _resolve(schema, parent.get("properties", {}).get(name, {}))
    words = _expected(wanted.get("type"))
    return _flaw((*path, name), "is missing" + (f"; expected {words}" if words else ""))


def _type(path: FieldPath, instance: Any, types: Sequence[str]) -> Flaw:
    fix = None
    if "string" in types and isinstance(instance, bool | int | float):
        fix = in_quotes(instance)
    return _flaw(path, f"is {shown(instance)}; expected {_expected(list(types))}", fix)


def _format(path: FieldPath, instance: Any, name: str) -> Flaw:
    words = EXPECTED.get(name) or CUSTOM_EXPECTED.get(name, "another format")
    near = likely_quantity(instance) if name == QUANTITY and isinstance(instance, str) else None
    words += f"; did you mean '{near}'?" if near else ""
    rule = SYNTAX if name in EXPECTED else SCHEMA
    return _flaw(path, f"is {shown(instance)}; expected {words}", None, rule)


def _alternatives(
    path: FieldPath, instance: Any, context: Sequence[Sequence[ValidationError]]
) -> Flaw:
    """Alternatives that all fail on the value's type, or on a field that isn't there, are one
    sentence; of others nobody knows which was meant."""
    if not all(context):
        return _flaw(path, "fits more of its schema's alternatives than it may; expected one")
    types = _of_each(context, "type", path)
    if types:
        return _type(path, instance, list(dict.fromkeys(word for item in types for word in item)))
    missing = _of_each(context, "required", path)
    if missing:
        return _flaw(path, f"needs {choice(sorted(set(missing)))}")
    return _flaw(path, "fits none of the alternatives that its schema has")


def _of_each(
    context: Sequence[Sequence[ValidationError]], kind: str, path: FieldPath
) -> list[Any] | None:
    """What each alternative's only error says, where all are of one kind and about the value
    itself."""
    found = []
    for errors in context:
        here = errors[0]
        if len(errors) != 1 or here.kind.name != kind or tuple(here.instance_path) != path:
            return None
        found.append(next(iter(here.kind.as_dict().values())))
    return found


def _choice(path: FieldPath, instance: Any, details: Mapping[str, Any]) -> Flaw:
    options = details.get("options", [details.get("expected_value")])
    near = nearest(instance, map(str, options)) if isinstance(instance, str) else None
    hint = f"; did you mean '{near}'?" if near and len(options) > 1 else ""
    return _flaw(path, f"is {shown(instance)}; expected {choice(options)}{hint}")


def _limit(kind: str, details: Mapping[str, Any], instance: Any) -> str:
    form = _LIMITS.get(kind, "is {value}, which its schema doesn't allow")
    limit = next(iter(details.values()), "")
    size = len(instance) if isinstance(instance, list | dict) else 0
    words = shown(limit)[1:-1] if isinstance(limit, str) else shown(limit)
    return form.format(value=shown(instance), limit=words, size=size)


def _expected(types: object) -> str:
    """`text`, `text or a whole number`; null is as good as no such field, and not named."""
    names = [types] if isinstance(types, str) else list(types) if isinstance(types, list) else []
    words = [TYPES[name] for name in _ORDER if name in names]
    return " or ".join(words)


def _at(schema: Any, path: Sequence[str | int]) -> Mapping[str, Any]:
    for part in path:
        schema = schema[part]
    return schema if isinstance(schema, dict) else {}


def _resolve(root: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return schema
    found = root.get("$defs", {}).get(reference.removeprefix("#/$defs/"), {})
    return found if isinstance(found, dict) else {}
