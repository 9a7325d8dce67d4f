"""Schemas and definitions, as documents for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.custom_kind import Definition
from tidegate.domain.schema_catalogue import AdditionReport, Kind, SchemaCatalogue
from tidegate.report import record


def schemas(report: SchemaCatalogue) -> dict[str, Any]:
    """A SchemasReport: what manifests can be held against."""
    return {
        "apiVersion": record.API,
        "kind": "SchemasReport",
        "exitCode": 0,
        "known": list(report.known),
        "kubernetes": [
            {
                "version": known.version,
                "environments": list(known.environments),
                "kinds": [_kind(kind) for kind in known.kinds],
            }
            for known in report.used
        ],
        "definitions": [
            {**_definition(found), "file": found.where.file, "overlays": overlays}
            for found, overlays in report.definitions
        ],
        "missing": [
            {**_kind(usage.kind), "overlays": list(usage.overlays)} for usage in report.missing
        ],
    }


def definitions(report: AdditionReport) -> dict[str, Any]:
    """A DefinitionsReport: what became of each definition."""
    return {
        "apiVersion": record.API,
        "kind": "DefinitionsReport",
        "exitCode": 0,
        "dryRun": report.dry_run,
        "otherObjects": report.others,
        "definitions": [
            {
                **_definition(addition.definition),
                "source": addition.definition.where.file,
                "line": addition.definition.where.line,
                "file": addition.file,
                "outcome": addition.outcome.value,
                "before": _versions(addition.before) if addition.before else None,
            }
            for addition in report.additions
        ],
    }


def _definition(found: Definition) -> dict[str, Any]:
    return {
        "name": found.name,
        "group": found.group,
        "customKind": found.kind,
        "plural": found.plural,
        "scope": found.scope,
        "versions": _versions(found),
    }


def _versions(found: Definition) -> list[dict[str, Any]]:
    return [
        {"name": version.name, "served": version.served, "stored": version.stored}
        for version in found.versions
    ]


def _kind(kind: Kind) -> dict[str, Any]:
    return {"apiVersion": kind[0], "kind": kind[1]}
