"""A merge as Markdown, for a job's summary."""

from __future__ import annotations

from tidegate.domain.merging import MergeReport
from tidegate.report import written
from tidegate.report.escape import code, prose
from tidegate.report.merging import words
from tidegate.report.verification import markdown as verified


def merging(report: MergeReport) -> str:
    """The same as for people."""
    parts = [verified.verification(report.verification)] if report.verification else []
    lines = []
    for item in report.approvals:
        said = f"{item.result.status.value}: {prose(item.result.sentence)}"
        lines.append(f"- {code(item.app)} in {code(item.environment)}: approval {said}")
    lines += [f"- {prose(text)}" for text in report.obstacles]
    if report.error:
        lines.append(written.refusal(report.error))
    lines += ["", prose(words.closing(report))]
    return "\n".join([*parts, *lines]) + "\n"
