"""A SyncReport as Markdown."""

from __future__ import annotations

from tidegate.domain.live import Live
from tidegate.domain.sync import AppEnding, SyncReport
from tidegate.report.escape import code, prose

_ICONS = {Live.LIVE: "✅", Live.WAITING: "⏳", Live.SUPERSEDED: "⏭️", Live.BLOCKED: "⏸️"}


def sync(report: SyncReport) -> str:
    """A table with a row an app, then what is to be done about those that aren't live."""
    lines = [
        f"### In {code(report.environment)}: {prose(report.outcome.value)}",
        "",
        "| | app | version | state | reason |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(ending) for ending in report.apps]
    said = [(ending, _remarks(ending, report.environment)) for ending in report.apps]
    advised = [(ending, words) for ending, words in said if words]
    lines += [""] if advised or report.warnings else []
    for ending, words in advised:
        lines.append(f"- {code(ending.aim.app.name)}: {prose('; '.join(words))}")
    lines += [f"- ⚠️ {prose(words)}" for words in report.warnings]
    return "\n".join(lines) + "\n"


def _remarks(ending: AppEnding, environment: str) -> list[str]:
    advice = ending.advice(environment)
    return [*ending.notes, *([advice] if advice else [])]


def _row(ending: AppEnding) -> str:
    state = ending.state
    details = [line for cluster in ending.clusters for line in cluster.state.details]
    words = "<br>".join(prose(line) for line in (state.reason, *details))
    return (
        f"| {_ICONS.get(state.kind, '❌')} | {code(ending.aim.app.name)} "
        f"| {code(ending.aim.version)} | {prose(state.kind.value)} | {words} |"
    )
