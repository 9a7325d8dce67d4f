"""What is known of a repository's files from one command to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.repository.known import Known, known_key, load_known

if TYPE_CHECKING:
    from tidegate.ports import Cache


def recall(cache: Cache, place: str) -> Known:
    """What earlier commands have learned of the files of a clone or folder."""
    return load_known(cache.get(known_key(place)))


def remember(cache: Cache, place: str, known: Known) -> None:
    """Keeps what was learned, if anything was."""
    if known.grown:
        cache.put(known_key(place), known.dump())
