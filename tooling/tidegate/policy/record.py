"""Inspections as JSON, for a cache and between processes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tidegate.domain.finding import Inspection, Severity, Violation
from tidegate.domain.manifest import Broken, FieldPath, ObjectId
from tidegate.errors import Problem

# What a JSON document can't say without growing: that keys are text and positions are numbers is
# all there is to a FieldPath, so it stays a plain list.
_JSON: dict[str, Any] = {"ensure_ascii": True, "separators": (",", ":")}


def dump_inspections(inspections: Sequence[Inspection | Broken]) -> bytes:
    """The bytes that `load_inspections` reads; lone surrogates survive."""
    return json.dumps([_plain(item) for item in inspections], **_JSON).encode("ascii")


def load_inspections(data: bytes) -> list[Inspection | Broken]:
    """Raises ValueError for anything that `dump_inspections` would not have written."""
    try:
        return [_value(item) for item in json.loads(data)]
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError("no inspections") from error


def _plain(item: Inspection | Broken) -> dict[str, Any]:
    if isinstance(item, Broken):
        return {"overlay": item.overlay, "problems": [list(problem) for problem in item.problems]}
    return {
        "overlay": item.overlay,
        "violations": [plain_violation(violation) for violation in item.violations],
        "facts": item.facts,
        "objects": item.objects,
        "unknown": [list(kind) for kind in item.unknown_kinds],
        "unread": [list(problem) for problem in item.problems],
    }


def plain_violation(item: Violation) -> list[Any]:
    """The arguments of `read_violation`, of JSON's types."""
    identity = list(item.object) if item.object else None
    words = [item.rule, item.severity.value, item.message, identity, list(item.field)]
    return [*words, item.fix, item.link, item.which]


def _value(item: dict[str, Any]) -> Inspection | Broken:
    overlay = str(item["overlay"])
    if "problems" in item:
        return Broken(overlay, tuple(Problem(*problem) for problem in item["problems"]))
    return Inspection(
        overlay,
        tuple(read_violation(*parts) for parts in item["violations"]),
        dict(item["facts"]),
        int(item["objects"]),
        tuple((str(version), str(kind)) for version, kind in item["unknown"]),
        tuple(Problem(*problem) for problem in item["unread"]),
    )


def read_violation(
    rule: str,
    severity: str,
    message: str,
    identity: list[str] | None,
    field: FieldPath,
    fix: str | None,
    link: str | None,
    which: int | None,
) -> Violation:
    """The Violation again."""
    named = ObjectId(*identity) if identity else None
    return Violation(rule, Severity(severity), message, named, tuple(field), fix, link, which)
