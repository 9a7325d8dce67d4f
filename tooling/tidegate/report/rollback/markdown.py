"""What was rolled back, for a pull request or a job's summary."""

from __future__ import annotations

from tidegate.domain.rollback import RollbackReport
from tidegate.report import written
from tidegate.report.escape import code, prose
from tidegate.report.pull_requests.markdown import proposed
from tidegate.report.rollback import words
from tidegate.report.sync.markdown import sync


def rollback(report: RollbackReport) -> str:
    """One section an app, then the change itself, folded."""
    lines: list[str] = []
    for item in report.apps:
        place = f"{code(item.app)} {prose(words.arrow(item))} in {code(report.environment)}"
        lines += [f"### {place}: {words.ENDINGS[item.ending]}", ""]
        if item.after:
            lines += [f"Image {code(str(item.after.image))}", ""]
        lines += [f"- {prose(remark)}" for remark in words.remarks(item)]
        if item.error:
            lines.append(written.refusal(item.error))
        lines.append("")
    lines += written.markdown(report.written)
    for offered in report.written.proposals:
        lines += proposed(offered)
    lines += ["", sync(report.sync)] if report.sync else []
    lines += ["", written.refusal(report.unseen)] if report.unseen else []
    return "\n".join(lines) + "\n"
