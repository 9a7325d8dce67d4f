"""How values and names from manifests are put into a sentence."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Sequence

from tidegate.domain.manifest import FieldPath
from tidegate.domain.text import count, one_line, printable

_SHOWN = 60
_CHOICES = 12
_EXACT = 2**53
_SIMILAR = 0.6
_STEPS = 40
_LONGEST_NAME = 100  # nobody mistypes a longer one, and comparing takes time


def shown(value: object) -> str:
    """A value, short and in one line: `'text'`, `8080`, `true`, `a list of 3 items`."""
    if isinstance(value, str):
        text = printable(value, 10 * _SHOWN)
        return f"'{text}'" if len(text) <= _SHOWN else f"'{text[: _SHOWN - 1]}…'"
    if isinstance(value, dict):
        return "a mapping" if value else "an empty mapping"
    if isinstance(value, list):
        return f"a list of {count(len(value), 'item')}" if value else "an empty list"
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value) if abs(value) < 10**_SHOWN else "an enormous number"
    if value is None:
        return "null"
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))  # `1e3` is 1000
    return one_line(json.dumps(value, default=str), _SHOWN)


def in_quotes(value: object) -> str:
    """How a value becomes text. What was written is known of no fraction: `1.10` is read as 1.1."""
    if isinstance(value, float):
        return "put it in quotes, as it is written"
    return f'put it in quotes: "{shown(value)}"'


def field_text(path: FieldPath) -> str:
    """A field's path as people write it: `spec.containers[0].image`, `data['a b']`."""
    text = ""
    for step in path[:_STEPS]:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step.isidentifier() and len(step) <= _SHOWN:
            text += f".{step}" if text else step
        else:
            text += f"[{shown(step)}]"
    return text if len(path) <= _STEPS else text + "…"


def suggestion(word: str, known: Iterable[str]) -> str:
    """`; did you mean 'x'?` where a word is a slip of a known name, or nothing."""
    near = nearest(word, known)
    return f"; did you mean '{near}'?" if near else ""


def nearest(word: str, known: Iterable[str], *, similar: float = _SIMILAR) -> str | None:
    """The known name that a word is most likely a slip of: the same but for case, or else as
    `similar` at least, of 1."""
    if len(word) > _LONGEST_NAME:
        return None
    names = list(known)
    lowered = {name.lower(): name for name in names}
    if word.lower() in lowered:
        return lowered[word.lower()]
    found = difflib.get_close_matches(word, names, n=1, cutoff=similar)
    return found[0] if found else None


def choice(options: Sequence[object]) -> str:
    """What one may choose from: `'a'`, `'a' or 'b'`, `one of 'a', 'b', 'c'`."""
    words = [shown(option) for option in options[:_CHOICES]]
    if len(words) < len(options):
        words.append("…")
    if len(words) <= 2:
        return " or ".join(words)
    return "one of " + ", ".join(words)
