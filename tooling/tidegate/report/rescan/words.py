"""Sentences about what was scanned again, in words that every form of report shares."""

from __future__ import annotations

from collections.abc import Mapping

from tidegate.domain.rescan import Rescanned, RescannedEnvironment, RescanReport
from tidegate.domain.text import count, one_line
from tidegate.domain.waiver import Waiver


def then(item: Rescanned) -> str:
    """What was known when it was promoted: `2 high, 1 low by the database of 2026-01-02`."""
    if item.then is None:
        return "not scanned"
    by = f" by the database of {one_line(item.database, 40)[:10]}" if item.database else ""
    return f"{_numbers(item.then)}{by}"


def ending(waiver: Waiver) -> str:
    """Which waiver ends, or has: the same words every day until it does."""
    about = f"{waiver.subject} {one_line(waiver.name, 80)}"
    return (
        f"waiver {one_line(waiver.id, 80)} of {about}, approved by "
        f"{one_line(waiver.approved_by, 40)} ({one_line(waiver.ticket, 80)}): until {waiver.end}"
    )


def summary(item: RescannedEnvironment) -> str:
    """How it is, in one sentence."""
    total, refused = len(item.releases), len(item.refused)
    if not refused:
        return f"{item.name}: {count(total, 'release')} scanned again, none is refused"
    return f"{item.name}: {refused} of {count(total, 'release')} would not be promoted any more"


def outcome(report: RescanReport) -> str:
    """One word for programs."""
    return {0: "passed", 1: "refused"}.get(report.exit_code, "unknown")


def _numbers(counts: Mapping[str, int]) -> str:
    told = [f"{number} {severity.lower()}" for severity, number in counts.items()]
    return ", ".join(told) or "none"
