"""How a rollback is told, in any form."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.ending import Ending
from tidegate.domain.rollback import Rollback
from tidegate.domain.text import one_line
from tidegate.report import words

ENDINGS = {
    Ending.DONE: "rolled back",
    Ending.PROPOSED: "goes back once its pull request is merged",
    Ending.PLANNED: "would be rolled back",
    Ending.ALREADY: "already there",
    Ending.HELD_BACK: "could be rolled back, but others can't",
    Ending.BLOCKED: "blocked",
    Ending.CONFLICT: "conflict",
    Ending.ERROR: "error",
}


def arrow(item: Rollback) -> str:
    """`2 → 1`, or what runs where nothing changes."""
    before = one_line(item.before.version or "?", 40) if item.before else ""
    after = item.after.version if item.after else before
    if before == after and item.ending is not Ending.ALREADY and item.after:
        return f"{after}, another image"
    return f"{before} → {after}" if before != after and before else after


def remarks(item: Rollback) -> Iterator[str]:
    """What keeps it there, what was passed over, and what nobody has looked at."""
    if item.since and item.after and item.ending is not Ending.ALREADY:
        yield f"version {item.after.version} is as commit {item.since[:10]} left it"
    if item.block:
        yield words.blocked(item.block)
    if item.hold:
        yield words.held(item.hold)
    yield from (one_line(note) for note in item.notes)
    if item.unverified:
        yield one_line("not verified: " + ", ".join(item.unverified), 1000)
