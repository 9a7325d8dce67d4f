"""A verification, as a document for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.gate import GateResult
from tidegate.domain.verification import Objection, Proven, VerifyReport
from tidegate.report import record


def verification(report: VerifyReport) -> dict[str, Any]:
    """A VerifyReport."""
    return {
        "apiVersion": record.API,
        "kind": "VerifyReport",
        "outcome": report.conclusion.value,
        "exitCode": report.exit_code,
        "base": report.base,
        "head": report.head,
        "commits": report.commits,
        "proven": [_proven(item) for item in report.proven],
        "objections": [_objection(item) for item in report.objections],
        "others": list(report.others),
        "owned": [{"path": path, "decides": what} for path, what in sorted(report.owned.items())],
    }


def _proven(item: Proven) -> dict[str, Any]:
    return {
        "deed": item.deed.value,
        "environment": item.environment,
        "app": item.app,
        "before": item.before,
        "release": record.release(item.release) if item.release else None,
        "gates": [_gate(result) for result in item.verdict.results] if item.verdict else [],
    }


def _gate(result: GateResult) -> dict[str, Any]:
    return {
        "gate": result.gate,
        "status": result.status.value,
        "waivers": [waiver.id for waiver in result.waivers],
    }


def _objection(item: Objection) -> dict[str, Any]:
    return {
        "message": item.message,
        "file": item.file,
        "line": item.line,
        "environment": item.environment,
        "app": item.app,
        "hint": item.hint,
        "outside": item.outside,
    }
