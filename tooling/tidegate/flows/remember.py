"""Tells the model registry what is live: never before it is, and never of what was overtaken."""

from __future__ import annotations

from dataclasses import replace

from tidegate.domain.configuration import Settings
from tidegate.domain.live import Live, Relation
from tidegate.domain.live_mark import LiveMark
from tidegate.domain.sync import AppEnding, SyncReport
from tidegate.errors import TidegateError
from tidegate.flows.lineage import Lineages
from tidegate.ports import Connections

_LATER = "`tidegate reconcile --fix aliases` moves it later"


def remember(
    report: SyncReport, ancestry: Lineages, connections: Connections, settings: Settings
) -> SyncReport:
    """Moves the alias of each app that is live to its version, and stamps that. Where the
    registry can't be written to, the app is live all the same, and the report warns."""
    live = [ending for ending in report.apps if ending.state.kind is Live.LIVE]
    if not live:
        return report
    try:
        # Whoever came last has the alias: so the branch is looked at again.
        head = connections.repository.fetch().revision
        record = connections.live_record(settings)
    except TidegateError as error:
        return _warn(report, [f"no alias was moved: {error.message}; {_LATER}"])
    notes: dict[str, str] = {}
    warnings: list[str] = []
    for ending in live:
        name, mark = ending.aim.app.name, _mark(ending, report, connections)
        if ancestry.of(head, ending.aim).relation is not Relation.OURS:
            notes[name] = f"the alias {mark.alias} is left to the commit that came after"
            continue
        try:
            moved = record.record(mark)
        except TidegateError as error:
            warnings.append(f"the alias {mark.alias} was not moved: {error.message}; {_LATER}")
            continue
        verb = "names" if moved else "already named"
        notes[name] = f"the alias {mark.alias} {verb} version {mark.version}"
    return _warn(_noted(report, notes), warnings)


def _mark(ending: AppEnding, report: SyncReport, connections: Connections) -> LiveMark:
    aim = ending.aim
    return LiveMark(
        aim.model,
        aim.version,
        aim.app.name,
        report.environment,
        aim.goal.revision,
        aim.goal.digest,
        connections.now(),
    )


def _noted(report: SyncReport, notes: dict[str, str]) -> SyncReport:
    apps = tuple(
        replace(ending, notes=(*ending.notes, notes[ending.aim.app.name]))
        if ending.aim.app.name in notes
        else ending
        for ending in report.apps
    )
    return replace(report, apps=apps)


def _warn(report: SyncReport, warnings: list[str]) -> SyncReport:
    return replace(report, warnings=(*report.warnings, *warnings))
