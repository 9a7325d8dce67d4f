"""A Reconciliation as Markdown."""

from __future__ import annotations

from tidegate.domain.reconciliation import Reconciliation
from tidegate.report.escape import code, prose


def reconciliation(report: Reconciliation) -> str:
    """A table of the disagreements, and what could not be looked at."""
    lines: list[str] = []
    if report.disagreements:
        lines += ["| app | environment | Git | differs | why |", "|---|---|---|---|---|"]
    for item in report.disagreements:
        why = prose(item.reason) + ("; moved" if item.fixed else "")
        cells = (code(item.app), code(item.environment), code(item.git or "–"), item.place.value)
        lines.append(f"| {' | '.join(cells)} | {why} |")
    lines += [""] if lines and report.unknown else []
    lines += [f"- ⚠️ not known: {prose(words)}" for words in report.unknown]
    return "\n".join(lines or ["Everything agrees."]) + "\n"
