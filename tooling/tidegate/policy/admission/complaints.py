"""The CEL library's complaints about a text, as places and sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.policy.admission.library.strings import REPLACED

DEPTH = 32  # the library's own limit; a variable around an expression is a level

_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNKNOWN = re.compile(r"undeclared reference to '(\w+)")
_OURS = re.compile(r"\b(variables|request)_(\w+)")


def complaints(text: str, written: str, before: int, variables: int) -> Iterator[tuple[int, str]]:
    """The errors as offsets in what was written, which `before` lines with so many variables come
    before."""
    if "recursion" in text:
        more = f", with one for each of the {variables} variables that it needs"
        yield 0, f"is nested more than {DEPTH} levels deep{more if variables else ''}"
        return
    found = _ERROR.findall(text)
    for line, column, message in found:
        offset = _offset(written, int(line) - before, int(column))
        name = _UNKNOWN.match(message)
        if name:  # of `a.b` the dot is told
            start = written.rfind(name[1], 0, offset + len(name[1]))
            yield max(start, 0), f"names '{name[1]}', which is not there"
        else:
            yield offset, _sentence(message)
    if not found:
        yield 0, _sentence(text.partition(": ")[2])


def _offset(written: str, line: int, column: int) -> int:
    lines = written.split("\n")
    if not 0 < line <= len(lines):
        return len(written) if line > 0 else 0
    return sum(len(text) + 1 for text in lines[: line - 1]) + min(column - 1, len(lines[line - 1]))


def _sentence(message: str) -> str:
    message = message.removesuffix(" [INVALID_ARGUMENT]").removesuffix(" (in container '')")
    message = _OURS.sub(r"\1.\2", message)
    for name, other in REPLACED.items():
        message = message.replace(f"'{other}'", f"'{name}'")
    return f"can't be compiled: {message}"
