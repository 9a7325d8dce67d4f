"""What is known of a repository's files from one command to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.repository.known import Known, known_key, load_known
from tidegate.repository.readings import Readings, load_readings, readings_key

if TYPE_CHECKING:
    from tidegate.domain.snapshot import Snapshot
    from tidegate.ports import Cache


def recall(cache: Cache, place: str) -> Known:
    """What earlier commands have learned of the files of a clone or folder."""
    return load_known(cache.get(known_key(place)))


def remember(cache: Cache, place: str, known: Known) -> None:
    """Keeps what was learned, if anything was."""
    if known.grown:
        cache.put(known_key(place), known.dump())


def recall_readings(cache: Cache, place: str, environment: str) -> Readings:
    """What earlier commands have read of an environment's files in a clone."""
    return load_readings(cache.get(readings_key(place, environment)))


def remember_readings(
    cache: Cache, place: str, environment: str, readings: Readings, snapshot: Snapshot
) -> None:
    """Keeps what was read of the snapshot's files, if anything was new."""
    if readings.grown:
        there = {entry.id for entry in snapshot.entries.values()}
        cache.put(readings_key(place, environment), readings.dump(there))
