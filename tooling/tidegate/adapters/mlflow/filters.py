"""Filters for MLflow's searches. They have no escapes, so only plain names are put into one;
whatever else is called otherwise is asked for singly."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote

_PLAIN = re.compile(r"[\w.@+ -]{1,256}")
# Searches for versions are GET requests, and common proxies refuse request lines over 4 KiB.
_LENGTH = 3_000


def is_plain(name: str) -> bool:
    """Whether a name can stand between quotes and mean itself."""
    return _PLAIN.fullmatch(name) is not None


def one_of(attribute: str, names: Iterable[str]) -> str:
    """`attribute IN ('a', 'b')`; the names must be plain."""
    listed = ", ".join(f"'{name}'" for name in names)
    return f"{attribute} IN ({listed})"


def portions(names: Iterable[str], most: int) -> Iterator[list[str]]:
    """The plain names, in lists that a filter can take, of `most` names at the longest."""
    portion: list[str] = []
    length = 0
    for name in names:
        cost = len(quote(f"'{name}', "))
        if portion and (length + cost > _LENGTH or len(portion) == most):
            yield portion
            portion, length = [], 0
        portion.append(name)
        length += cost
    if portion:
        yield portion
