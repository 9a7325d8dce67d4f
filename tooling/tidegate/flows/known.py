"""What is known of a work tree's files from one command to the next."""

from __future__ import annotations

from tidegate.ports import Viewing
from tidegate.repository.known import Known, known_key, load_known


def recall(parts: Viewing) -> Known:
    """What earlier commands have learned of the work tree's files."""
    return load_known(parts.cache.get(known_key(parts.work_tree.place)))


def remember(parts: Viewing, known: Known) -> None:
    """Keeps what was learned, if anything was."""
    if known.grown:
        parts.cache.put(known_key(parts.work_tree.place), known.dump())
