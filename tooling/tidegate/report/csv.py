"""Reports as CSV, for spreadsheets: nothing from outside becomes a formula there."""

from __future__ import annotations

import csv
import io

from tidegate.domain.audit import AuditEntry, AuditReport
from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.report.audit import words

_COLUMNS = (
    *("when", "environment", "app", "deed", "from", "to", "model", "run", "image", "digest"),
    *("evidence", "gates", "author", "requested by", "approved by", "pull request", "reason"),
    *("proven", "remarks", "commit", "paths", "direct"),
)
# What spreadsheets take for the beginning of a formula, some of them in its wide form too.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def audit(report: AuditReport) -> str:
    """A head, and a line a deed, oldest first."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for entry in report.entries:
        writer.writerow(_cell(value) for value in _row(entry))
    return text.getvalue()


def _row(entry: AuditEntry) -> tuple[str | None, ...]:
    release = entry.release
    image = release.image if release else None
    return (
        entry.when.isoformat(),
        entry.environment,
        entry.app,
        entry.deed.value,
        entry.before,
        release.version if release else None,
        release.model if release else None,
        release.run_id if release else None,
        f"{image.name}:{image.tag}" if image else None,
        image.digest if image else None,
        entry.evidence,
        words.gates(entry),
        entry.author,
        entry.requested_by,
        "; ".join(entry.approved_by),
        entry.pull_request,
        entry.reason,
        "yes" if entry.proven else "no",
        "; ".join(entry.remarks),
        entry.revision,
        " ".join(entry.paths),
        "yes" if entry.direct else "no",
    )


def _cell(value: str | None) -> str:
    line = one_line(redact(value or ""), 32_000)
    return f"'{line}" if line.startswith(_FORMULA) else line
