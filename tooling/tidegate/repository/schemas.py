"""The published JSON Schemas, and how a file that breaks one is explained."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tidegate.domain.redaction import MASK
from tidegate.domain.text import TYPES, nearest
from tidegate.errors import Problem
from tidegate.repository.yaml import Document, KeyPath

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError

KINDS = (
    "settings",
    "app",
    "environment",
    "gate-set",
    "release",
    "hold",
    "blocks",
    "waivers",
    "report",
)
_WITH_GATES = ("app", "environment", "gate-set")
# Kinds that aren't ours to publish, and where admission.json defines them.
_ADMISSION = {"admission-policy": "policy", "admission-binding": "binding"}
_SHOWN = 60
_FOLDER = Path(__file__).parents[1] / "schemas"
_USERINFO = re.compile(r"[^\s\"/@]*:[^\s\"@]*@(?!sha256:)")


@cache
def schema(kind: str) -> Mapping[str, Any]:
    """The schema of a kind, complete in itself. Raises KeyError for an unknown kind."""
    if kind in _ADMISSION:
        return {"$defs": _read("admission")["$defs"], "$ref": f"#/$defs/{_ADMISSION[kind]}"}
    if kind not in KINDS:
        raise KeyError(kind)
    result: dict[str, Any] = _read(kind)
    if kind in _WITH_GATES:
        result["$defs"] = _read("gates")["$defs"]
    return result


def check(kind: str, document: Document) -> Iterator[Problem]:
    """Every way in which a document breaks its kind's schema."""
    if not _fits(kind, document.data):
        for error in _validator(kind).iter_errors(document.data):
            yield from _explain(document, error)
    if kind != "release":  # its evidence is looked at when it is read
        yield from _endless(document, document.data, ())


def shown(value: object) -> str:
    """A value from outside, short and in one line."""
    # Where an address is wrong because its scheme is missing, its password is still one.
    text = json.dumps(value, ensure_ascii=True, default=str)[: 10 * _SHOWN]
    text = _USERINFO.sub(f"{MASK}@", text)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"


def _endless(document: Document, value: Any, path: KeyPath) -> Iterator[Problem]:
    """Numbers that YAML has and JSON hasn't: with a limit of .nan or .inf no gate could say no."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _endless(document, item, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _endless(document, item, (*path, index))
    elif isinstance(value, int | float) and not _finite(value):
        yield document.problem(path, f"is {shown(value)}", expected="a finite number")


def _finite(value: float) -> bool:
    try:
        return math.isfinite(value)
    except OverflowError:  # a whole number too large for any measurement
        return False


def _read(name: str) -> dict[str, Any]:
    # Not by importlib.resources, which takes longer to load than the file.
    text = (_FOLDER / f"{name}.json").read_text("utf-8")
    result: dict[str, Any] = json.loads(text)
    return result


def _fits(kind: str, data: Any) -> bool:
    """Whether a compiled validator takes the data: a hundred times quicker than the one that
    explains, which stays the judge of all that this one refuses or can't read."""
    quick = _compiled(kind)
    try:
        return quick is not None and quick.is_valid(data)
    except (ValueError, OverflowError):
        return False


@cache
def _compiled(kind: str) -> Any:
    try:
        import jsonschema_rs
    except ImportError:  # it comes with the extra `check`
        return None
    return jsonschema_rs.Draft202012Validator(dict(schema(kind)))


@cache
def _validator(kind: str) -> Draft202012Validator:
    from jsonschema import Draft202012Validator

    return Draft202012Validator(schema(kind))


def _explain(document: Document, error: ValidationError) -> Iterator[Problem]:
    path: KeyPath = tuple(error.absolute_path)
    parent: Mapping[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    instance: Any = error.instance
    wanted: Any = error.validator_value
    if error.validator == "additionalProperties":
        known = parent.get("properties", {})
        for key in (k for k in instance if k not in known):
            yield document.problem(
                (*path, key),
                "is not a known key",
                expected="one of " + ", ".join(sorted(known)),
                nearest=nearest(key, known),
            )
    elif error.validator == "required":
        yield from _lacking(document, path, parent, instance, wanted)
    elif error.validator == "type":
        words = _type(wanted, instance)
        if instance is None and path:
            words += ", or no such key"
        yield document.problem(path, f"is {shown(instance)}", expected=words)
    elif error.validator in ("enum", "const"):
        choices = [str(value) for value in (wanted if isinstance(wanted, list) else [wanted])]
        yield document.problem(path, f"is {shown(instance)}", *_choice(instance, choices))
    elif error.validator in ("anyOf", "oneOf"):
        if not isinstance(instance, dict):
            return  # which its type's own error says
        options = [key for option in wanted for key in option.get("required", ())]
        there = [key for key in options if key in instance]
        words = f"has {_quoted(there)} together" if there else f"lacks {_quoted(options, ' or ')}"
        more = f"exactly one of {', '.join(options)}" if error.validator == "oneOf" else None
        yield document.problem(path, words, expected=more)
    elif "propertyNames" in error.absolute_schema_path:
        words = "is not a name that can be used"
        yield document.problem((*path, instance), words, _expected(parent))
    else:
        yield document.problem(path, _limit(error), _expected(parent))


def _choice(instance: object, choices: list[str]) -> tuple[str, str | None]:
    """What was expected, and the word that was most likely meant."""
    if isinstance(instance, bool):
        words = ("on", "yes", "true") if instance else ("off", "no", "false")
        for word in (choice for choice in choices if choice.lower() in words):
            return f"'{word}' in quotes, for YAML reads it as {shown(instance)}", None
    text = "'" + choices[0] + "'" if len(choices) == 1 else "one of " + ", ".join(choices)
    return text, nearest(str(instance), choices)


def _lacking(
    document: Document,
    path: KeyPath,
    parent: Mapping[str, Any],
    instance: Mapping[str, Any],
    wanted: list[str],
) -> Iterator[Problem]:
    missing = [key for key in wanted if key not in instance]
    for key in missing:
        own = parent.get("properties", {}).get(key, {})
        yield document.problem(path, f"lacks '{key}'", _expected(own))
    if "additionalProperties" not in parent:  # else the slip is found as an unknown key
        for key in (k for k in instance if nearest(k, missing)):
            near = nearest(key, missing)
            yield document.problem((*path, key), "is not a known key", nearest=near)


def _type(wanted: object, instance: object) -> str:
    """The words for a type, and what to write where it was meant."""
    words = TYPES.get(wanted, wanted) if isinstance(wanted, str) else "another type"
    meant = _number(instance) if wanted == "number" else None
    return f"{words}: {meant}, without quotes" if meant else words


def _number(text: object) -> str | None:
    """The number that a text stands for, as YAML takes it for one: `1e-3` is text to it."""
    try:
        value = float(text) if isinstance(text, str) else math.nan
    except ValueError:
        return None
    mantissa, exponent, power = repr(value).partition("e")
    point = ".0" if exponent and "." not in mantissa else ""
    return mantissa + point + exponent + power if math.isfinite(value) else None


def _limit(error: ValidationError) -> str:
    value = error.validator_value
    known = {
        "minimum": f"is less than {value}",
        "maximum": f"is more than {value}",
        "exclusiveMinimum": f"is not more than {value}",
        "minItems": "is empty",
        "maxItems": f"has more than {value} item{'' if value == 1 else 's'}",
        "minLength": "is empty",
        "maxLength": f"is longer than {value} characters",
        "uniqueItems": "has an item twice",
        "minProperties": "is empty",
        "maxProperties": "has more than one key",
    }
    at = f"is {shown(error.instance)}, which " if error.validator in ("minimum", "maximum") else ""
    return at + known.get(str(error.validator), f"is {shown(error.instance)}")


def _expected(parent: Mapping[str, Any]) -> str | None:
    return parent.get("description") or None


def _quoted(names: list[str], between: str = ", ") -> str:
    return between.join(f"'{name}'" for name in names)
