"""What differs between a work tree and a commit."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Changes:
    """The `paths` that differ, and those among them that have `moved`: come or gone; `base` is the
    commit's revision."""

    paths: frozenset[str] = frozenset()
    moved: frozenset[str] = frozenset()
    base: str = ""
