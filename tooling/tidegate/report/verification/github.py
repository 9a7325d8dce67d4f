"""A verification as annotations on the lines of a pull request."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.text import one_line
from tidegate.domain.verification import VerifyReport
from tidegate.report.annotations import SHOWN, annotation, plain
from tidegate.report.verification import words

_TITLE = "tidegate verify"


def verification(report: VerifyReport) -> str:
    """An error for each objection, a notice for each file that has an owner, and how it ended."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: VerifyReport) -> Iterator[str]:
    for objection in report.objections[:SHOWN]:
        hint = f"\n→ {one_line(objection.hint, 1_000)}" if objection.hint else ""
        text = f"{one_line(objection.message, 1_000)}{hint}"
        yield annotation("error", text, title=_TITLE, file=objection.file, line=objection.line)
    for objection in report.objections[SHOWN:]:
        yield plain(f"- {words.where(objection)}  {objection.message}")
    owned = list(report.owned.items())
    for path, what in owned[:SHOWN]:
        yield annotation("notice", f"for its owners: {what}", title=_TITLE, file=path)
    for path, what in owned[SHOWN:]:
        yield plain(f"- {path}  for its owners: {what}")
    for item in report.proven:
        yield plain(f"- {words.place(item.environment, item.app)}  {words.deed(item)}")
    if left := words.left(report):
        yield plain(left)
    yield plain(words.closing(report))
