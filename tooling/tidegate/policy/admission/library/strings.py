"""indexOf, lastIndexOf and substring as Go has them: the CEL library refuses positions at the end.

Expressions are given these in place of the library's own, under names of the same length.
"""

from __future__ import annotations

from tidegate.policy.admission.library.lists import first_index, last_index
from tidegate.policy.admission.library.signature import Function, Refused, member

# What is written, and what stands for it. Only methods are meant.
REPLACED = {"substring": "substrinG", "indexOf": "indexOF", "lastIndexOf": "lastIndexOF"}


def _check(position: int, length: int | None = None) -> None:
    if position < 0 or (length is not None and position > length):
        raise Refused(f"index out of range: {position}")


def substring(text: str, start: int, end: int | None = None) -> str:
    """The characters from `start` up to `end`."""
    end = len(text) if end is None else end
    if start > end:
        raise Refused(f"invalid substring range. start: {start}, end: {end}")
    _check(start, len(text))
    _check(end, len(text))
    return text[start:end]


def index_of(text: str, part: str, start: int = 0) -> int:
    """Where the part stands first from `start` on; -1 where it doesn't."""
    if not part:
        return start
    _check(start)
    return text.find(part, start)


def last_index_of(text: str, part: str, start: int | None = None) -> int:
    """Where the part stands last up to `start`; -1 where it doesn't."""
    if not part:
        return len(text) if start is None else start
    if start is None:
        return text.rfind(part)
    _check(start)
    return text.rfind(part, 0, start + len(part)) if start < len(text) else -1


FUNCTIONS: tuple[Function, ...] = (
    member("substrinG", "string int", "string", substring),
    member("substrinG", "string int int", "string", substring),
    member("indexOF", "string string", "int", index_of),
    member("indexOF", "string string int", "int", index_of),
    member("indexOF", "list<A> A", "int", first_index),
    member("lastIndexOF", "string string", "int", last_index_of),
    member("lastIndexOF", "string string int", "int", last_index_of),
    member("lastIndexOF", "list<A> A", "int", last_index),
)
