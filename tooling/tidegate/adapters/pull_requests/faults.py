"""What a provider's refusals mean: statuses → our errors."""

from __future__ import annotations

import json
from typing import Any

from tidegate.adapters.http import Answer
from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.errors import (
    ConflictError,
    Forbidden,
    NotFound,
    OutsideError,
    Rejected,
    TidegateError,
    Unreachable,
)

_WORDS = 1000


def error_of(answer: Answer, place: str, subject: str, token: str) -> TidegateError:
    """What to raise for an answer that is none; `subject` is what was asked for, `token` what it
    was asked with, which is masked in the provider's words."""
    said = redact(words(answer), [token])
    refused = f"{place} refuses {subject}: {said}"
    hint: str | None
    match answer.status:
        case 401:
            hint = (
                "it may have run out, be another server's, or not be meant for this: make a new one"
            )
            return Forbidden(f"{place} does not accept the token: {said}", hint=hint)
        case 403:
            return Forbidden(refused, hint=_wanted(answer))
        case 404 | 410:
            hint = "or the token may not see it: `tidegate doctor` tells what it may"
            return NotFound(f"{place} has no {subject}", hint=hint)
        case 409:
            return ConflictError(refused, hint="look at it, and run the command again")
        case 400 | 405 | 406 | 422:
            return Rejected(refused)
        case status if status >= 500:
            return Unreachable(f"{place} failed at {subject}: {said}", hint="Try again later.")
    hint = "has the repository moved?" if answer.status in (301, 302, 307, 308) else None
    return OutsideError(f"{place} answered {subject} with status {answer.status}", hint=hint)


def words(answer: Answer) -> str:
    """What the provider says about it, in one line."""
    try:
        document = json.loads(answer.body)
    except (ValueError, RecursionError):
        document = None
    said = "; ".join(_texts(document)) if isinstance(document, dict) else ""
    return one_line(said, _WORDS) or f"status {answer.status}"


def _texts(document: dict[str, Any]) -> list[str]:
    """GitHub has `message`, and `errors` with a message or a field and a code; GitLab `message`,
    which may be a list or an object of lists, or `error`."""
    found: list[str] = []
    for key in ("message", "error", "errors", "error_description"):
        found += _flat(document.get(key))
    return found


def _flat(value: Any, depth: int = 0) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list) and depth < 4:
        return [text for item in value[:20] for text in _flat(item, depth + 1)]
    if isinstance(value, dict) and depth < 4:
        if isinstance(value.get("message"), str):
            return [value["message"]]
        if isinstance(value.get("field"), str):
            return [f"{value['field']} {value.get('code', 'is wrong')}"]
        return [f"{key} {text}" for key, item in value.items() for text in _flat(item, depth + 1)]
    return []


def _wanted(answer: Answer) -> str:
    wanted = answer.headers.get("x-accepted-github-permissions", "")
    if wanted:
        return f"give the token {one_line(wanted, 200)}"
    return "`tidegate doctor` tells what the token may"
