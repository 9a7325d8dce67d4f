"""A StatusReport as Markdown."""

from __future__ import annotations

from datetime import datetime

from tidegate.domain.standing import Standing, StatusReport
from tidegate.report import words as sentences
from tidegate.report.escape import code, prose
from tidegate.report.status import words

_HEAD = ("", "app", "environment", "alias", "Git", "live", "Argo CD", "since (UTC)", "by", "")


def status(report: StatusReport) -> str:
    """A table: app × environment, and what is not known."""
    if not report.standings:
        return "No app has an overlay in any environment.\n"
    rows = [list(_HEAD), ["---"] * len(_HEAD)]
    rows += [_row(standing, report.now) for standing in report.standings]
    if report.offline:
        rows = [[row[0], row[1], row[2], row[4], *row[7:]] for row in rows]
    lines = [f"| {' | '.join(row)} |" for row in rows]
    lines += [""] if report.unknown else []
    lines += [f"- ⚠️ not known: {prose(why)}" for why in report.unknown]
    return "\n".join(lines) + "\n"


def _row(standing: Standing, now: datetime) -> list[str]:
    remarks = [prose(sentence) for sentence, _ in words.remarks(standing, now)]
    return [
        _icon(standing, now),
        code(standing.app),
        code(standing.environment),
        prose(words.alias(standing)),
        prose(words.git(standing)),
        prose(words.live(standing)),
        prose(words.argocd(standing)),
        sentences.moment(standing.since) if standing.since else "",
        prose(sentences.by(standing.author, standing.requested_by)) if standing.author else "",
        "<br>".join(remarks),
    ]


def _icon(standing: Standing, now: datetime) -> str:
    if standing.disagreements or standing.edited or standing.problem:
        return "❌"
    if any(hold.active(now) for hold in standing.holds):
        return "⏸️"
    return "✅" if standing.release and standing.sightings else ""
