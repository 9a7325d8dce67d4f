"""Reports as JSON: one document, held to the published schema `report`."""

from __future__ import annotations

from typing import Any

from tidegate.domain.delivery_report import DeliveryReport
from tidegate.domain.diagnosis import Diagnosis
from tidegate.domain.difference import DiffReport
from tidegate.domain.gate import GateResult
from tidegate.domain.history import Change, History
from tidegate.domain.promotion import AppReport, PromotionReport
from tidegate.domain.proposed import ProposalReport
from tidegate.errors import TidegateError
from tidegate.report import record, waivers
from tidegate.report.pull_requests import json as proposed
from tidegate.report.rollback import json as rolled_back
from tidegate.report.sync import json as synced


def promotion(report: PromotionReport) -> dict[str, Any]:
    """A PromotionReport, of `promote` and `evaluate`."""
    return {
        "apiVersion": record.API,
        "kind": "PromotionReport",
        "outcome": report.outcome.value,
        "exitCode": report.exit_code,
        "environment": report.environment,
        "base": report.base,
        "apps": [_app(item) for item in report.apps],
        "commit": record.commit(report.receipt),
        "plan": {"message": report.plan.message, "diff": report.diff} if report.plan else None,
        "error": record.failure(report.error) if report.error else None,
    }


def proposal(report: ProposalReport) -> dict[str, Any]:
    """A ProposalReport, of `promote` where it goes by pull request."""
    return {
        "apiVersion": record.API,
        "kind": "ProposalReport",
        "exitCode": report.exit_code,
        "promotion": promotion(report.promotion),
        "pullRequests": [proposed.proposed(item) for item in report.proposals],
    }


def delivery(report: DeliveryReport) -> dict[str, Any]:
    """A DeliveryReport, of `promote --wait`."""
    return {
        "apiVersion": record.API,
        "kind": "DeliveryReport",
        "exitCode": report.exit_code,
        "promotion": promotion(report.promotion),
        "sync": synced.sync(report.sync) if report.sync else None,
        "rollback": rolled_back.rollback(report.rollback) if report.rollback else None,
        "error": record.failure(report.error) if report.error else None,
    }


def error(failure: TidegateError, exit_code: int) -> dict[str, Any]:
    """An ErrorReport: the command ended before there was anything else to report."""
    return {
        "apiVersion": record.API,
        "kind": "ErrorReport",
        "outcome": "error",
        "exitCode": exit_code,
        "error": record.failure(failure),
    }


def history(report: History) -> dict[str, Any]:
    """A HistoryReport."""
    return {
        "apiVersion": record.API,
        "kind": "HistoryReport",
        "exitCode": 0,
        "app": report.app,
        "revision": report.revision,
        "changes": [_change(change) for change in report.changes],
    }


def diagnosis(report: Diagnosis) -> dict[str, Any]:
    """A DoctorReport."""
    return {
        "apiVersion": record.API,
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
        "from": record.release(report.champion) if report.champion else None,
        "to": (
            {
                "model": candidate.version.model,
                "version": candidate.version.version,
                "run": candidate.version.run_id,
                "image": record.image(candidate.image),
            }
            if candidate
            else None
        ),
        "gates": [_gate(result) for result in report.verdict.results] if report.verdict else [],
        "warnings": list(candidate.warnings) if candidate else [],
        "note": report.note,
        "error": record.failure(report.error) if report.error else None,
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


def _change(change: Change) -> dict[str, Any]:
    return {
        "environment": change.environment,
        "revision": change.revision,
        "when": change.when.isoformat(),
        "author": change.author,
        "requestedBy": change.requested_by,
        "reason": change.reason,
        "before": change.before,
        "release": record.release(change.release) if change.release else None,
        "byHand": change.by_hand,
        "note": change.note,
        "rolledBackFrom": change.rolled_back_from,
        "direct": change.direct,
    }


def difference(report: DiffReport) -> dict[str, Any]:
    """A DiffReport."""
    return {
        "apiVersion": record.API,
        "kind": "DiffReport",
        "exitCode": 0,
        "app": report.app,
        "environment": report.environment,
        "before": report.before,
        "unchanged": report.unchanged,
        "objects": [record.changed(item, "old", "new") for item in report.objects],
    }
