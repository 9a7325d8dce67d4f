"""What is there once, however often it is written: comments and issues."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from tidegate.errors import Unreachable

T = TypeVar("T")


def marked(marker: str, body: str) -> str:
    """The whole text of such a comment."""
    return f"{marker}\n{body}"


def make_once(make: Callable[[], T], find: Callable[[], T | None]) -> T:
    """What is made; where the answer to that is lost, what is found then, and else what is made at
    a second try."""
    try:
        return make()
    except Unreachable:
        found = find()
        return make() if found is None else found
