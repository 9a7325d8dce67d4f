"""What text and Markdown both say of arrivals."""

from __future__ import annotations

from tidegate.domain.arrival import ArrivalReport

UNKNOWN = (
    "The branch has no such commit, or not any more: "
    "every release is followed, and none is taken back."
)


def nothing(report: ArrivalReport) -> str:
    """What is said where nothing was followed."""
    if report.since is None:
        return "Nothing has been released yet."
    return f"No release changed since {report.since[:10]}."
