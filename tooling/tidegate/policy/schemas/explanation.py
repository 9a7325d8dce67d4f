"""What a schema's validator says, in words for whoever wrote the manifest."""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tidegate.domain.manifest import FieldPath

if TYPE_CHECKING:
    from jsonschema_rs import ValidationError

_WORDS = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
}
_SHOWN = 60


def explain(
    error: ValidationError, properties: Callable[[str], Sequence[str]]
) -> Iterator[tuple[FieldPath, str, str | None]]:
    """(field, message, fix) for each mistake that one error stands for; `properties` gives the
    fields that a definition knows."""
    path: FieldPath = tuple(error.instance_path)
    kind, details = error.kind.name, error.kind.as_dict()
    if kind == "additionalProperties":
        known = properties(_definition(error))
        for key in details["unexpected"]:
            near = difflib.get_close_matches(key, known, n=1, cutoff=0.6)
            fix = f"did you mean '{near[0]}'?" if near else _known(known)
            yield (*path, key), f"'{_shown(key)}' is no field of {_place(path)}", fix
    elif kind == "required":
        name = details["property"]
        yield path, f"{_place(path)} lacks '{name}'", f"add {name}:"
    elif kind == "type":
        words = " or ".join(_WORDS[word] for word in details["types"] if word in _WORDS)
        quoted = (
            " (in quotes)"
            if words == "text" and not isinstance(error.instance, list | dict)
            else ""
        )
        yield path, f"{_place(path)} is {_value(error.instance)}", f"expected {words}{quoted}"
    elif kind == "enum":
        options = details.get("options", [])
        choices = ", ".join(str(option) for option in options if option is not None)
        yield path, f"{_place(path)} is {_value(error.instance)}", f"expected one of {choices}"
    else:
        yield path, f"{_place(path)} is {_value(error.instance)}: {_shown(error.message)}", None


def text(path: FieldPath) -> str:
    """A field path as people write it."""
    written = ""
    for part in path:
        written += f"[{part}]" if isinstance(part, int) else f".{part}" if written else str(part)
    return written


def _place(path: FieldPath) -> str:
    return _shown(text(path), 200) if path else "the object"


def _definition(error: ValidationError) -> str:
    """The definition that the failing rule stands in: `…, "$defs", name, rule`."""
    return str(error.schema_path[-2]) if len(error.schema_path) > 1 else ""


def _known(known: Sequence[str]) -> str | None:
    return "known: " + ", ".join(known[:20]) if known else None


def _value(value: Any) -> str:
    return _shown(json.dumps(value, ensure_ascii=True, default=str))


def _shown(word: str, limit: int = _SHOWN) -> str:
    return word if len(word) <= limit else word[: limit - 1] + "…"
