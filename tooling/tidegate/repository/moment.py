"""Times with their zone, as they stand in files."""

from __future__ import annotations

from datetime import UTC, datetime

MOMENT = "a time with its zone, such as 2026-01-31T18:00:00Z"


def parse_moment(text: str) -> datetime | None:
    """The time in its own zone; None for what is none, or has no zone."""
    try:
        moment = datetime.fromisoformat(text)
        # Near both ends of the calendar there are times that have no equal in UTC.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else None


def format_moment(moment: datetime) -> str:
    """The time in UTC, to the second."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
