"""Which files the paths of a command mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from tidegate.repository.foreign import is_vendored

_INTERNAL = re.compile(r"(?:^|/)policies/")


def is_selected(path: str, paths: Sequence[str]) -> bool:
    """Whether a file lies below one of the paths, or there are none, and isn't other people's."""
    return (not paths or is_below(path, paths)) and not is_vendored(path, paths)


def is_meant(places: Sequence[str], paths: Sequence[str]) -> bool:
    """Whether a path leads to one of the places, or is within one."""
    return any(is_below(place, paths) for place in places) or any(
        is_below(path, places) for path in paths
    )


def is_below(path: str, folders: Iterable[str]) -> bool:
    """Whether a path is one of the folders, or lies in one; the empty folder is the root."""
    return any(not folder or path == folder or path.startswith(f"{folder}/") for folder in folders)


def is_internal(path: str) -> bool:
    """Whether a file lies among those that rules read, and is applied by nobody."""
    return _INTERNAL.search(path) is not None
