"""How a verification is told, in any form."""

from __future__ import annotations

from collections import Counter

from tidegate.domain.audit import Deed
from tidegate.domain.text import count
from tidegate.domain.verification import Conclusion, Objection, Proven, VerifyReport

_DEEDS = {
    Deed.PROMOTED: "promoted",
    Deed.ROLLED_BACK: "rolled back",
    Deed.HELD: "held",
    Deed.LIFTED: "let go",
}
PATHS_SHOWN = 20


def place(environment: str | None, app: str | None) -> str:
    """`prod/shop`, `prod` for all its apps; empty where it is about neither."""
    return f"{environment}/{app}" if app else environment or ""


def deed(proven: Proven) -> str:
    """`promoted 3 → 4`, or what else was done."""
    text = _DEEDS[proven.deed]
    if proven.release is None:
        return text
    before = f"{proven.before} " if proven.before else ""
    return f"{text} {before}→ {proven.release.version}"


def gates(proven: Proven) -> str:
    """`5 passed, 1 waived`, as they answered now; empty where none is asked."""
    if proven.verdict is None:
        return "" if proven.deed is not Deed.ROLLED_BACK else "no gate is asked of a rollback"
    numbers = Counter(result.status.value for result in proven.verdict.results)
    return ", ".join(f"{number} {status}" for status, number in numbers.items())


def where(objection: Objection) -> str:
    """File and line."""
    if objection.file is None:
        return ""
    return f"{objection.file}:{objection.line}" if objection.line else objection.file


def closing(report: VerifyReport) -> str:
    """What it comes to, in one sentence."""
    span = f"{report.head[:10]} on {report.base[:10]}"
    if report.conclusion is Conclusion.REFUSED:
        return f"Refused: {count(len(report.objections), 'reason')} against {span}."
    if report.conclusion is Conclusion.UNKNOWN:
        return f"Nobody can tell: something outside failed while {span} was verified."
    if report.conclusion is Conclusion.NOTHING:
        return f"Nothing to verify: {span} touches nothing that Tidegate writes."
    total = count(len(report.proven), "change")
    return f"Verified: {total} in {span}, exactly as Tidegate writes it now."


def left(report: VerifyReport) -> str:
    """How many paths are for others to look at; empty where there are none."""
    number = len(report.others) - len(report.owned)
    return f"{count(number, 'other file')}: see `tidegate check`" if number > 0 else ""
