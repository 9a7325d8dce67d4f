"""The names that an object had before prefixes, suffixes and hashes."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.domain.manifest import HASH

_LIMIT = 64


def earlier(name: str, affixes: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """Every name that may have become this one, itself first, with what was added outermost taken
    off first."""
    names = [name]
    bare = HASH.sub("", name)
    if bare and bare != name:
        names.append(bare)
    for prefix, suffix in affixes:
        for known in names[:_LIMIT]:
            bare = known.removeprefix(prefix).removesuffix(suffix)
            if bare and bare not in names:
                names.append(bare)
    return tuple(names[:_LIMIT])
