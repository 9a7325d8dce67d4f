"""Arrivals as Markdown, for a job's summary."""

from __future__ import annotations

from tidegate.domain.arrival import ArrivalReport
from tidegate.report import written
from tidegate.report.arrivals import words
from tidegate.report.escape import code
from tidegate.report.rollback import markdown as rolled_back
from tidegate.report.sync import markdown as synced


def arrivals(report: ArrivalReport) -> str:
    """The same as for people."""
    if not report.arrivals:
        return f"{words.nothing(report)}\n"
    parts = [] if report.since else [f"{words.UNKNOWN}\n"]
    for arrival in report.arrivals:
        parts += [synced.sync(arrival.sync)] if arrival.sync else []
        parts += [rolled_back.rollback(arrival.rollback)] if arrival.rollback else []
        if arrival.error:
            parts.append(f"{code(arrival.environment)}: {written.refusal(arrival.error)}\n")
    return "\n".join(parts)
