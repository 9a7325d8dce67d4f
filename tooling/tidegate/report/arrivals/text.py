"""Arrivals, for people at a terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tidegate.domain.arrival import ArrivalReport
from tidegate.report.arrivals import words
from tidegate.report.rollback import text as rolled_back
from tidegate.report.sync import text as synced


def arrivals(report: ArrivalReport) -> RenderableType:
    """Each environment: how it ended, and how it was taken back."""
    if not report.arrivals:
        return Text(words.nothing(report))
    lines: list[RenderableType] = [] if report.since else [Text(words.UNKNOWN)]
    for arrival in report.arrivals:
        lines += [synced.sync(arrival.sync)] if arrival.sync else []
        lines += [rolled_back.rollback(arrival.rollback)] if arrival.rollback else []
    return Group(*lines)
