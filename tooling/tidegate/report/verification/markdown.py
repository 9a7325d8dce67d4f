"""A verification, for a pull request or a job's summary."""

from __future__ import annotations

from tidegate.domain.verification import Conclusion, VerifyReport
from tidegate.report.escape import code, prose
from tidegate.report.verification import words

_ICONS = {
    Conclusion.VERIFIED: "✅",
    Conclusion.NOTHING: "✅",
    Conclusion.REFUSED: "❌",
    Conclusion.UNKNOWN: "❌",
}
_SHOWN = 200


def verification(report: VerifyReport) -> str:
    """What it comes to, then a table of what is proven, and lists of all else."""
    lines = [f"{_ICONS[report.conclusion]} {prose(words.closing(report))}", ""]
    if report.proven:
        lines += ["| where | what | gates |", "|---|---|---|"]
    for item in report.proven:
        place = code(words.place(item.environment, item.app))
        lines.append(f"| {place} | {prose(words.deed(item))} | {prose(words.gates(item))} |")
    for objection in report.objections[:_SHOWN]:
        place = words.where(objection)
        lead = f"{code(place)}: " if place else ""
        hint = f" → {prose(objection.hint)}" if objection.hint else ""
        lines.append(f"- {lead}{prose(objection.message)}{hint}")
    if len(report.objections) > _SHOWN:
        lines.append(f"- and {len(report.objections) - _SHOWN} more")
    if report.owned:
        lines += ["", "For their owners to look at:", ""]
        shown = list(report.owned.items())[: words.PATHS_SHOWN]
        lines += [f"- {code(path)}: {what}" for path, what in shown]
        if len(report.owned) > words.PATHS_SHOWN:
            lines.append(f"- and {len(report.owned) - words.PATHS_SHOWN} more")
    if left := words.left(report):
        lines += ["", prose(left)]
    return "\n".join(lines) + "\n"
