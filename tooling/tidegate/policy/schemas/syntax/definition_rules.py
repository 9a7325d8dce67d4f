"""Rules in definitions (`x-kubernetes-validations`), but for what their expressions say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, mapping, text
from tidegate.policy.schemas.syntax.words import MISSING, filled, one_of, wrong

RULES = "x-kubernetes-validations"
_REASONS = (
    *("FieldValueInvalid", "FieldValueForbidden", "FieldValueRequired"),
    "FieldValueDuplicate",
)
_STEPS = re.compile(r"(?:\.[A-Za-z_][A-Za-z0-9_]*)+")


def judge_validations(schema: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The rules of one node of a structural schema."""
    for item, where in items(schema.get(RULES), (*path, RULES)):
        rule = item.get("rule")
        if isinstance(rule, str) and not rule.strip():
            yield Flaw((*where, "rule"), f"{MISSING}; expected an expression")
        for key in ("message", "messageExpression"):
            words = item.get(key)
            if isinstance(words, str) and words and not words.strip():
                yield Flaw((*where, key), "is blank; expected a text, or no such field")
        if "\n" in text(item.get("message")).strip():
            yield Flaw((*where, "message"), "has several lines; expected one")
        yield from one_of(item, "reason", _REASONS, where)
        yield from filled(item, ("reason",), where)
        field = text(item.get("fieldPath"))
        if field and not leads_to_a_field(field, schema):
            yield wrong((*where, "fieldPath"), field, "a field of this schema, as .size")


def leads_to_a_field(path: str, schema: dict[str, Any]) -> bool:
    """Whether a path such as `.spec.size` may be one of the schema's: of one with brackets, or
    through a map, nobody says."""
    if not path.startswith((".", "[")):
        return False
    if not _STEPS.fullmatch(path):
        return "[" in path
    for step in path[1:].split("."):
        if "properties" not in schema and "additionalProperties" in schema:
            return True
        schema = mapping(mapping(schema.get("properties")).get(step))
        if not schema:
            return False
    return True
