"""Sentences and cells that several reports share, in one line, whatever is in them."""

from __future__ import annotations

from datetime import UTC, datetime

from tidegate.domain.block import Block
from tidegate.domain.gate import Status
from tidegate.domain.hold import Hold
from tidegate.domain.text import one_line

GATE_ICONS = {
    Status.PASSED: "✅",
    Status.FAILED: "❌",
    Status.ERRORED: "❌",
    Status.SKIPPED: "➖",
    Status.WAIVED: "⚠️",
}


def held(hold: Hold, now: datetime | None = None) -> str:
    """Who holds it, until when, and why. With `now` a hold that has ended is told as such."""
    what = "the environment is held" if hold.whole else "held"
    if now and hold.until and not hold.active(now):
        ended = f"{moment(hold.until)} UTC"
        return f"a hold by {one_line(hold.by, 40)} ended {ended}"
    until = f" until {moment(hold.until)} UTC" if hold.until else ""
    return f"{what} by {one_line(hold.by, 40)}{until}: {one_line(hold.reason, 120)}"


def blocked(block: Block) -> str:
    """Which version is blocked, by whom, and why."""
    image = " with this image" if block.digest else ""
    return (
        f"version {one_line(block.version, 20)}{image} is blocked by {one_line(block.by, 40)}: "
        f"{one_line(block.reason, 120)}"
    )


def moment(when: datetime) -> str:
    """In UTC: people of several time zones promote, and their times are read in one column."""
    return f"{when.astimezone(UTC):%Y-%m-%d %H:%M}"


def by(author: str, requested_by: str | None) -> str:
    """Whose hand it was, and the bot's through which it came."""
    if requested_by and requested_by != author:
        return f"{one_line(requested_by, 40)} (through {one_line(author, 40)})"
    return one_line(author, 40)
