"""The names that an object had before prefixes, suffixes and hashes."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HASH = re.compile(r"(.+)-[a-z0-9]{10}")
_LIMIT = 64


def earlier(name: str, affixes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Every name that may have become this one, itself first, with what was added outermost taken
    off first."""
    names = [name]
    hashed = _HASH.fullmatch(name)
    if hashed:
        names.append(hashed[1])
    for prefix, suffix in affixes:
        for known in names[:_LIMIT]:
            bare = known.removeprefix(prefix).removesuffix(suffix)
            if bare and bare not in names:
                names.append(bare)
    return tuple(names[:_LIMIT])
