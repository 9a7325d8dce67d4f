"""Text from outside, made fit to be shown in one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

_HIDDEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")


def one_line(text: str, limit: int = 500) -> str:
    """One line without characters that end lines, move the cursor, hide, or turn what follows.

    Longer text is cut at `limit` characters, with `…` at its end.
    """
    if not text.isascii() or not text.isprintable():
        text = "".join(" " if unicodedata.category(c) in _HIDDEN else c for c in text)
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def printable(line: str, limit: int = 2000) -> str:
    """A line as it is, blanks included, with everything that hides, moves or turns escaped."""
    if not line.isprintable():
        line = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in line)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def count(number: int, noun: str) -> str:
    """`1 app`, `2 apps`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known name that the word is most likely a slip of."""
    import difflib

    found = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return found[0] if found else None
