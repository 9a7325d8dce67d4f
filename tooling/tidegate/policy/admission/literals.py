"""Texts that the API server reads when a policy is stored, where they stand as they are: patterns,
durations and times."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from tidegate.policy.admission.lexer import Word
from tidegate.policy.schemas.formats import is_moment
from tidegate.policy.schemas.syntax.patterns import is_pattern

_DURATION = re.compile(r"[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
_PLAIN = re.compile(r"'[^'\\]*'|\"[^\"\\]*\"")
_RAW = re.compile(r"[rR](?:'[^']*'|\"[^\"]*\")")


def _is_duration(text: str) -> bool:
    return _DURATION.fullmatch(text) is not None


_KINDS: dict[str, tuple[Callable[[str], bool], str]] = {
    "matches": (is_pattern, "a regular expression as of Go (RE2)"),
    "duration": (_is_duration, "a duration such as 1h30m"),
    "timestamp": (is_moment, "a time such as 2026-01-31T18:00:00Z"),
}


def literals(found: list[Word]) -> Iterator[tuple[int, str]]:
    """Where such a text can't be read, and what was expected."""
    for index, word in enumerate(found):
        if word.text not in _KINDS or word.kind != "name":
            continue
        argument = _argument(found, index + 1)
        test, expected = _KINDS[word.text]
        text = _content(argument.text) if argument else None
        if argument and text is not None and not test(text):
            yield argument.start, f"has {argument.text[:100]} in it, where {expected} is expected"


def _argument(found: list[Word], index: int) -> Word | None:
    """The last argument of a call that opens at the position, where it is a text by itself."""
    following = found[index : index + 5]
    signs = [word.text if word.kind == "sign" else word.kind for word in following]
    if signs[:3] == ["(", "text", ")"]:
        return following[1]
    known = signs in (["(", "name", ",", "text", ")"], ["(", "text", ",", "text", ")"])
    return following[3] if known else None


def _content(literal: str) -> str | None:
    """What a literal without escapes says; None for others."""
    if _RAW.fullmatch(literal):
        return literal[2:-1]
    return literal[1:-1] if _PLAIN.fullmatch(literal) else None
