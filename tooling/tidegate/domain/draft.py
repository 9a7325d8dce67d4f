"""A commit to be, before anybody has made it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """What to commit on `parent`: `edits` maps paths to their new contents, None where the path
    is to go."""

    parent: str
    edits: Mapping[str, bytes | None]
    message: str
