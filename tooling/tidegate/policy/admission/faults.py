"""The CEL library's runtime errors, in the API server's words."""

from __future__ import annotations

import re

_CODES = re.compile(r"^[A-Z_]+: | \[[A-Z_]+\]$")
_FORMS = (
    (re.compile(r'Key not found in map : "(.*)"', re.DOTALL), r"no such key: \1"),
    (re.compile(r"Key not found in map : (.*)", re.DOTALL), r"no such key: \1"),
    (
        re.compile(r"No matching overloads? .*|Applying SELECT to non-message type.*", re.DOTALL),
        "no such overload",
    ),
    (re.compile(r"cannot convert (\w+) to (\w+)"), r"type conversion error from '\1' to '\2'"),
    (
        re.compile(r"Iteration budget exceeded"),
        "more than 10,000 steps, which is the most that is tried here",
    ),
    (re.compile(r"divide by zero"), "division by zero"),
    (re.compile(r"modulus by zero"), "modulus by zero"),
    (re.compile(r"Index error: index=(-?\d+) size=\d+"), r"index out of bounds: \1"),
)


def fault(text: str) -> str:
    """What went wrong, without the library's status code before it."""
    message = _CODES.sub("", text)
    for form, words in _FORMS:
        match = form.fullmatch(message)
        if match:
            return match.expand(words)
    return message
