"""What was held or released, for a pull request or a job's summary."""

from __future__ import annotations

from tidegate.domain.holding import HoldReport
from tidegate.report import written
from tidegate.report.escape import code, prose
from tidegate.report.holds import words
from tidegate.report.pull_requests.markdown import proposed


def holds(report: HoldReport) -> str:
    """One section a place."""
    lines: list[str] = []
    for place in report.places:
        title = code(place.app) if place.app else words.title(place)
        lines += [f"### {title} in {code(report.environment)}: {words.ending(report, place)}", ""]
        lines += [f"- {prose(remark)}" for remark in words.remarks(place)]
        if place.error:
            lines.append(written.refusal(place.error))
        lines.append("")
    lines += written.markdown(report.written)
    for offered in report.written.proposals:
        lines += proposed(offered)
    return "\n".join(lines) + "\n"
