"""Schemas and definitions, for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from tidegate.domain.custom_kind import Definition
from tidegate.domain.schema_catalogue import AdditionReport, Outcome, SchemaCatalogue, Usage
from tidegate.domain.text import count, one_line
from tidegate.report.sheet import Sheet

_NAME = 253
_SHOWN = 3
_STYLE = {Outcome.ADDED: "green", Outcome.REPLACED: "yellow", Outcome.UNCHANGED: "dim"}


def schemas(report: SchemaCatalogue, *, verbose: bool = False) -> RenderableType:
    """Kubernetes' own by version, then the repository's definitions, then what has no schema."""
    oldest, newest = report.known[0], report.known[-1]
    table = Sheet("kubernetes", "kinds", "clusters")
    for known in report.used:
        clusters = ", ".join(one_line(name, _NAME) for name in known.environments)
        table.add(known.version, str(len(known.kinds)), clusters or "any")
    parts: list[RenderableType] = [table]
    if verbose:
        parts += _kinds(report)
    words = f"Schemas of Kubernetes' own are there for {oldest} to {newest}."
    parts += [Text(), Text(words), Text(), *_definitions(report), *_missing(report.missing)]
    return Group(*parts)


def definitions(report: AdditionReport) -> RenderableType:
    """A line for each definition, and what was left alone."""
    lines: list[RenderableType] = []
    for addition in report.additions:
        line = Text(addition.outcome.value, style=_STYLE[addition.outcome])
        line.append(f"  {one_line(addition.file)}", style="bold")
        line.append(
            f": {one_line(addition.definition.kind, _NAME)} {_versions(addition.definition)}"
        )
        if addition.before:
            line.append(f"; before: {_versions(addition.before)}", style="dim")
        lines.append(line)
    if report.others:
        lines.append(Text(f"{count(report.others, 'object')} of other kinds left out.", "dim"))
    if report.dry_run:
        lines.append(Text("Nothing was written: this was a dry run."))
    return Group(*lines)


def _kinds(report: SchemaCatalogue) -> Iterator[RenderableType]:
    for known in report.used:
        yield Text()
        yield Text(f"Kubernetes {known.version}", style="cyan")
        for api in dict.fromkeys(api for api, _ in known.kinds):
            names = ", ".join(kind for own, kind in known.kinds if own == api)
            yield Text(f"  {api}: {names}")


def _definitions(report: SchemaCatalogue) -> Iterator[RenderableType]:
    if not report.definitions:
        yield Text("No custom kinds: policies/schemas/crds has no CustomResourceDefinition.")
        return
    table = Sheet("custom kind", "group", "versions", "scope", "overlays", "file")
    for found, overlays in report.definitions:
        table.add(
            Text(one_line(found.kind, _NAME), style="bold"),
            one_line(found.group, _NAME),
            _versions(found),
            one_line(found.scope, _NAME),
            str(overlays),
            one_line(found.where.file),
        )
    yield table


def _versions(found: Definition) -> str:
    words = []
    for version in found.versions:
        notes = ["stored"] if version.stored else []
        notes += [] if version.served else ["not served"]
        name = one_line(version.name, _NAME)
        words.append(f"{name} ({', '.join(notes)})" if notes else name)
    return ", ".join(words) or "no version"


def _missing(missing: tuple[Usage, ...]) -> Iterator[RenderableType]:
    if not missing:
        return
    yield Text()
    table = Sheet("no schema", "apiVersion", "used by")
    for usage in missing:
        names = ", ".join(one_line(name) for name in usage.overlays[:_SHOWN])
        more = len(usage.overlays) - _SHOWN
        table.add(
            Text(one_line(usage.kind[1], _NAME), style="yellow"),
            one_line(usage.kind[0], _NAME),
            f"{names} and {more} more" if more > 0 else names,
        )
    yield table
    yield Text()
    yield Text("`tidegate schemas add CRD.yaml` makes a kind known.")
