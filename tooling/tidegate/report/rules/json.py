"""The rules, as documents for programs."""

from __future__ import annotations

from typing import Any

from tidegate.domain.catalogue import Catalogue, Entry, ExamplesReport, RuleSheet
from tidegate.report import record


def catalogue(report: Catalogue) -> dict[str, Any]:
    """A RulesReport: all rules."""
    return {
        "apiVersion": record.API,
        "kind": "RulesReport",
        "exitCode": 0,
        "environments": list(report.environments),
        "rules": [_entry(entry) for entry in report.entries],
    }


def rule(report: RuleSheet) -> dict[str, Any]:
    """A RuleReport: one rule, whole."""
    return {
        "apiVersion": record.API,
        "kind": "RuleReport",
        "exitCode": 0,
        **_entry(report.entry),
        "fix": report.fix,
        "link": report.link,
        "file": report.where.file if report.where else None,
        "line": report.where.line if report.where else 0,
        "settings": [
            {"name": item.name, "default": item.default, "says": item.says}
            for item in report.settings
        ],
        "expressions": [{"key": key, "expression": text} for key, text in report.expressions],
        "bindings": [
            {
                "name": binding.name,
                "where": binding.where,
                "actions": list(binding.actions),
                "parameters": binding.parameters,
            }
            for binding in report.bindings
        ],
        "examples": [
            {
                "expected": example.expected.value,
                "environment": example.environment,
                "file": example.where.file,
                "line": example.where.line,
                "text": example.text,
            }
            for example in report.examples
        ],
    }


def examples(report: ExamplesReport) -> dict[str, Any]:
    """An ExamplesReport: what isn't as it should be."""
    return {
        "apiVersion": record.API,
        "kind": "ExamplesReport",
        "exitCode": report.exit_code,
        "rules": report.rules,
        "examples": report.examples,
        "mismatches": [
            {
                "rule": mismatch.rule,
                "file": mismatch.where.file,
                "line": mismatch.where.line,
                "message": mismatch.message,
            }
            for mismatch in report.mismatches
        ],
    }


def _entry(entry: Entry) -> dict[str, Any]:
    return {
        "name": entry.name,
        "category": entry.category,
        "severities": dict(entry.severities),
        "why": entry.why,
        "across": entry.across,
    }
