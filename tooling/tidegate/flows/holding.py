"""What `hold` and `release` write in one place of a Snapshot, and what they can't."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from tidegate.domain.ending import Ending
from tidegate.domain.hold import Hold
from tidegate.domain.holding import Place
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import one_line
from tidegate.errors import ConfigurationError, ConflictError
from tidegate.repository import layout
from tidegate.repository.block import format_blocks, read_blocks
from tidegate.repository.hold import format_hold, read_hold

Edits = Mapping[str, bytes | None]


def hold_file(environment: str, app: str | None) -> str:
    """Where a hold of the app lies, or, without one, that of the whole environment."""
    return layout.hold_files(environment, app or "")[app is not None]


def hold_place(
    snapshot: Snapshot, environment: str, app: str | None, wanted: Hold, now: datetime
) -> tuple[Place, Edits]:
    """The place with that hold, and the file that says so. Raises ConflictError for another's
    hold that is active, and ConfigurationError for a folder of the file's name."""
    path = hold_file(environment, app)
    before, unreadable = _before(snapshot, path, wanted.whole)
    if before == wanted:
        return Place(app, Ending.ALREADY, before, before), {}
    if before and before.active(now) and before.by != wanted.by:
        raise ConflictError(
            f"{_name(environment, app)} is held by {one_line(before.by)} already: "
            f"{one_line(before.reason)}",
            hint="leave it at that, or lift that hold first with `tidegate release`",
        )
    return Place(app, Ending.DONE, before, wanted, unreadable), {path: format_hold(wanted)}


def release_place(
    snapshot: Snapshot, environment: str, app: str | None, version: str | None
) -> tuple[Place, Edits]:
    """The place without its hold and without the version's blocks, and the files that say so.
    Raises ConfigurationError where the blocks can't be read, as `hold_place` does."""
    path = hold_file(environment, app)
    before, unreadable = _before(snapshot, path, app is None)
    edits: dict[str, bytes | None] = {path: None} if path in snapshot else {}
    place = Place(app, Ending.DONE, before, None, unreadable)
    if app is not None and version is not None:
        blocks = read_blocks(snapshot, environment, app)
        lifted = tuple(block for block in blocks if block.version == version)
        if lifted:
            left = format_blocks(block for block in blocks if block not in lifted)
            edits[layout.blocks_file(environment, app)] = left
        place = replace(place, lifted=lifted)
    return (place, edits) if edits else (replace(place, ending=Ending.ALREADY), {})


def _before(snapshot: Snapshot, path: str, whole: bool) -> tuple[Hold | None, bool]:
    """The hold that is there, and whether there is one that nobody can read: it can still be
    lifted, or written anew. Raises ConfigurationError for a folder of that name."""
    if snapshot.is_directory(path):
        layout.require_file(snapshot, path)
    try:
        return read_hold(snapshot, path, whole=whole), False
    except ConfigurationError:
        return None, True


def _name(environment: str, app: str | None) -> str:
    return f"{app} in {environment}" if app else environment
