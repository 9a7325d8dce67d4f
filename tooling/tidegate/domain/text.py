"""Text from outside, made fit to be shown in one line."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence

# What a schema's types are called in a sentence.
TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "text",
    "number": "a number",
    "integer": "a whole number",
    "boolean": "true or false",
    "null": "nothing",
}

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")

_GAP = "\u200b"
# What calls somebody, or an issue that a word before it would close: @ann, #1, o/r#1, GH-1, and an
# issue's address.
_CALL = re.compile(
    r"([@#])(?=\w)|(?<![a-z0-9])(gh)(?=-\d)|(/(?:issues|pull|work_items|merge_requests)/)(?=\d)",
    re.IGNORECASE,
)


def one_line(text: str, limit: int = 500) -> str:
    """One line without characters that end lines, move the cursor, hide, or turn what follows.

    Longer text is cut at `limit` characters, with `…` at its end.
    """
    if not text.isascii() or not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in text)
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def quiet(line: str) -> str:
    """A line for a commit's message, where a provider takes words for calls: it calls nobody and
    closes nothing, and looks the same."""
    return _CALL.sub(rf"\g<0>{_GAP}", line)


def spoken(line: str) -> str:
    """A line as it was before `quiet`."""
    return line.replace(_GAP, "")


def printable(line: str, limit: int = 2000) -> str:
    """A line as it is, blanks included, with everything that hides, moves or turns escaped."""
    if not line.isprintable():
        line = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def no_command(line: str, colon: str = r"\u003a") -> str:
    """The line, its first colon written in another way where GitHub's runner would take it for a
    command of a workflow: it looks past blanks for `::`."""
    words = line.lstrip()
    return f"{line[: -len(words)]}{colon}{words[1:]}" if words.startswith("::") else line


def count(number: int, noun: str) -> str:
    """`1 app`, `2 apps`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def some_of(names: Sequence[str], most: int) -> str:
    """`a, b and 3 more`: at most so many of them by name."""
    shown = ", ".join(names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that the word is most likely a slip of."""
    import difflib

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
