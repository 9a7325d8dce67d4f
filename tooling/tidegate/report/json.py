"""Reports as JSON: one document, held to the published schema `report`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tidegate.domain.diagnosis import Diagnosis
from tidegate.domain.difference import DiffReport
from tidegate.domain.gate import GateResult
from tidegate.domain.history import Change, History, Standing, StatusReport
from tidegate.domain.image import ImageRef
from tidegate.domain.promotion import AppReport, PromotionReport
from tidegate.domain.release import OverlayState, Release
from tidegate.errors import ConfigurationError, TidegateError
from tidegate.report import waivers
from tidegate.report.check import json as checked
from tidegate.report.rules import json as ruled

API = "tidegate.dev/v1"

check = checked.check
catalogue, rule, examples = ruled.catalogue, ruled.rule, ruled.examples


def dump(document: Mapping[str, Any]) -> str:
    """The document's text. Characters beyond ASCII are escaped: any terminal can carry it."""
    return json.dumps(document, indent=2, allow_nan=False) + "\n"


def promotion(report: PromotionReport) -> dict[str, Any]:
    """A PromotionReport, of `promote` and `evaluate`."""
    return {
        "apiVersion": API,
        "kind": "PromotionReport",
        "outcome": report.outcome.value,
        "exitCode": report.exit_code,
        "environment": report.environment,
        "base": report.base,
        "apps": [_app(item) for item in report.apps],
        "commit": (
            {
                "revision": report.receipt.revision,
                "remote": report.receipt.remote,
                "branch": report.receipt.branch,
            }
            if report.receipt
            else None
        ),
        "plan": {"message": report.plan.message, "diff": report.diff} if report.plan else None,
        "error": _error(report.error) if report.error else None,
    }


def error(failure: TidegateError, exit_code: int) -> dict[str, Any]:
    """An ErrorReport: the command ended before there was anything else to report."""
    return {
        "apiVersion": API,
        "kind": "ErrorReport",
        "outcome": "error",
        "exitCode": exit_code,
        "error": _error(failure),
    }


def history(report: History) -> dict[str, Any]:
    """A HistoryReport."""
    return {
        "apiVersion": API,
        "kind": "HistoryReport",
        "exitCode": 0,
        "app": report.app,
        "revision": report.revision,
        "changes": [_change(change) for change in report.changes],
    }


def status(report: StatusReport) -> dict[str, Any]:
    """A StatusReport."""
    return {
        "apiVersion": API,
        "kind": "StatusReport",
        "exitCode": 0,
        "revision": report.revision,
        "environments": list(report.environments),
        "apps": [_standing(standing, report.now) for standing in report.standings],
    }


def diagnosis(report: Diagnosis) -> dict[str, Any]:
    """A DoctorReport."""
    return {
        "apiVersion": API,
        "kind": "DoctorReport",
        "exitCode": report.exit_code,
        "findings": [
            {"name": f.name, "health": f.health.value, "found": f.found, "hint": f.hint}
            for f in report.findings
        ],
    }


def _app(report: AppReport) -> dict[str, Any]:
    candidate = report.candidate
    return {
        "app": report.app,
        "outcome": report.outcome.value,
        "from": _release(report.champion) if report.champion else None,
        "to": (
            {
                "model": candidate.version.model,
                "version": candidate.version.version,
                "run": candidate.version.run_id,
                "image": _image(candidate.image),
            }
            if candidate
            else None
        ),
        "gates": [_gate(result) for result in report.verdict.results] if report.verdict else [],
        "warnings": list(candidate.warnings) if candidate else [],
        "note": report.note,
        "error": _error(report.error) if report.error else None,
    }


def _gate(result: GateResult) -> dict[str, Any]:
    return {
        "gate": result.gate,
        "status": result.status.value,
        "sentence": result.sentence,
        "measured": result.measured,
        "limit": result.limit,
        "details": list(result.details),
        "waivers": [waivers.record(waiver, active=True) for waiver in result.waivers],
    }


def _release(release: Release) -> dict[str, Any]:
    return {
        "model": release.model,
        "version": release.version,
        "run": release.run_id,
        "image": _image(release.image),
    }


def _image(image: ImageRef) -> dict[str, Any]:
    return {"name": image.name, "tag": image.tag, "digest": image.digest}


def _error(failure: TidegateError) -> dict[str, Any]:
    problems = failure.problems if isinstance(failure, ConfigurationError) else ()
    return {
        "type": type(failure).__name__,
        "message": failure.message,
        "hint": failure.hint,
        "problems": [
            {
                "file": problem.file,
                "line": problem.line,
                "column": problem.column,
                "key": problem.key,
                "message": problem.message,
                "expected": problem.expected,
                "nearest": problem.nearest,
            }
            for problem in problems
        ],
    }


def _change(change: Change) -> dict[str, Any]:
    return {
        "environment": change.environment,
        "revision": change.revision,
        "when": change.when.isoformat(),
        "author": change.author,
        "requestedBy": change.requested_by,
        "reason": change.reason,
        "before": change.before,
        "release": _release(change.release) if change.release else None,
        "byHand": change.by_hand,
        "note": change.note,
    }


def _standing(standing: Standing, now: datetime) -> dict[str, Any]:
    return {
        "app": standing.app,
        "environment": standing.environment,
        "release": _release(standing.release) if standing.release else None,
        "overlay": _overlay(standing.overlay) if standing.overlay else None,
        "since": standing.since.isoformat() if standing.since else None,
        "author": standing.author,
        "requestedBy": standing.requested_by,
        "revision": standing.revision,
        "holds": [
            {
                "by": hold.by,
                "reason": hold.reason,
                "until": hold.until.isoformat() if hold.until else None,
                "whole": hold.whole,
                "active": hold.active(now),
            }
            for hold in standing.holds
        ],
        "waivers": [
            waivers.record(waiver, active=waiver.active(now)) for waiver in standing.waivers
        ],
        "edited": list(standing.edited),
        "problem": standing.problem,
    }


def _overlay(state: OverlayState) -> dict[str, Any]:
    return {
        "repository": state.repository,
        "tag": state.tag,
        "digest": state.digest,
        "version": state.version,
    }


def difference(report: DiffReport) -> dict[str, Any]:
    """A DiffReport."""
    return {
        "apiVersion": API,
        "kind": "DiffReport",
        "exitCode": 0,
        "app": report.app,
        "environment": report.environment,
        "before": report.before,
        "unchanged": report.unchanged,
        "objects": [
            {
                "apiVersion": item.id.api_version,
                "kind": item.id.kind,
                "namespace": item.id.namespace,
                "name": item.id.name,
                "change": item.change.value,
                "fields": [
                    {"path": f.path, "change": f.change.value, "old": f.old, "new": f.new}
                    for f in item.fields
                ],
            }
            for item in report.objects
        ],
    }
