"""How deeds are told, in any form."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tidegate.domain.audit import AuditEntry, AuditReport, Deed
from tidegate.domain.text import count

TITLES = {
    Deed.PROMOTED: "promoted",
    Deed.ROLLED_BACK: "rolled back",
    Deed.HELD: "held",
    Deed.LIFTED: "let go",
    Deed.EDITED: "edited by hand",
    Deed.SETTINGS: "settings",
}
DIRECT = "directly, without a pull request"
_PATHS_SHOWN = 3
_DIGEST = re.compile(r"(sha256:[0-9a-f]{12})[0-9a-f]{52}")


def place(entry: AuditEntry) -> str:
    """`prod/shop`, `prod` for all its apps, or `repository`."""
    if entry.environment is None:
        return "repository"
    return f"{entry.environment}/{entry.app}" if entry.app else entry.environment


def step(entry: AuditEntry) -> str:
    """`3 → 4`, `→ 4` for the first; empty where nothing was released."""
    if entry.release is None:
        return ""
    return (
        f"{entry.before} → {entry.release.version}"
        if entry.before
        else (f"→ {entry.release.version}")
    )


def gates(entry: AuditEntry) -> str:
    """`5 passed, 1 waived (CVE-1)`, as the record has it."""
    numbers: dict[str, int] = {}
    for gate in entry.gates:
        numbers[gate.status] = numbers.get(gate.status, 0) + 1
    used = list(dict.fromkeys(waiver for gate in entry.gates for waiver in gate.waivers))
    text = ", ".join(f"{number} {status}" for status, number in numbers.items())
    return f"{text} (waivers: {', '.join(used)})" if used else text


def people(entry: AuditEntry) -> str:
    """Who wrote it, who asked for it, and who said yes."""
    text = entry.author
    if entry.requested_by and entry.requested_by != entry.author:
        text += f" for {entry.requested_by}"
    return f"{text}, approved by {', '.join(entry.approved_by)}" if entry.approved_by else text


def suspect(entry: AuditEntry) -> bool:
    """Whether what runs was changed by something that can't be shown to be Tidegate."""
    return not entry.proven and entry.deed is not Deed.SETTINGS


def story(entry: AuditEntry) -> Iterator[str]:
    """Why, by which pull request, what the gates said, and what isn't as it should be; where
    nothing else tells, which files."""
    number = entry.pull_request
    reason = entry.reason or ""
    if number and number not in reason:
        reason = f"{reason} ({number})" if reason else number
    yield from (line for line in (reason, gates(entry)) if line)
    if entry.direct:
        yield DIRECT
    for remark in entry.remarks:
        yield _DIGEST.sub(r"\1…", remark)
    if not entry.remarks and not entry.proven:
        left = len(entry.paths) - _PATHS_SHOWN
        listed = ", ".join(entry.paths[:_PATHS_SHOWN])
        yield f"{listed} and {left} more" if left > 0 else listed


def closing(report: AuditReport) -> str:
    """How many there were, and how many that nobody can vouch for."""
    total = count(len(report.entries), "change")
    if not report.entries:
        return "No changes in this time."
    if not report.by_hand:
        return f"{total}; what runs was changed by Tidegate alone."
    return f"{total}; {report.by_hand} of what runs did not come by Tidegate, or can't be shown to."
