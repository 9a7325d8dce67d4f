"""A diff of objects and fields, in words that every form of report shares."""

from __future__ import annotations

import json
from typing import Any

from tidegate.domain.difference import Change, DiffReport, FieldChange, ObjectChange
from tidegate.domain.text import count, one_line

_SHOWN = 200
_WORDS = {Change.ADDED: "is new", Change.REMOVED: "is gone", Change.CHANGED: "changes"}


def title(item: ObjectChange) -> str:
    """`Deployment shop/recommender changes`."""
    return f"{one_line(str(item.id))} {_WORDS[item.change]}"


def step(field: FieldChange) -> tuple[str, str]:
    """What was, and what is: short, in one line; `–` for nothing."""
    old = "–" if field.change is Change.ADDED else value(field.old)
    new = "–" if field.change is Change.REMOVED else value(field.new)
    return old, new


def value(item: Any) -> str:
    """A plain value as YAML people write it, or as JSON where it has an inside."""
    text = item if isinstance(item, str) else json.dumps(item, ensure_ascii=False, default=str)
    return one_line(text, _SHOWN) or '""'


def closing(report: DiffReport) -> str:
    """How much there is of both."""
    return tally(len(report.objects), report.unchanged, "the same")


def tally(differing: int, others: int, what: str) -> str:
    """How many objects differ, and `what` the others are."""
    if not differing:
        return f"Nothing differs: {count(others, 'object')} {what}."
    verb = "differs" if differing == 1 else "differ"
    return f"{count(differing, 'object')} {verb}, {others} {what}."
