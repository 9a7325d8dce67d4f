"""JSON reports hold to their published schema, whatever is in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.support import findings
from tests.support import reports as samples

from tidegate.cli.answer import find
from tidegate.domain.delivery_report import DeliveryReport
from tidegate.errors import (
    ConfigurationError,
    ConflictError,
    InputError,
    Problem,
    TidegateError,
    ToolFailed,
)
from tidegate.report.document import dump
from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))


def report(kind: str, *parts: Any) -> Any:
    return find(kind, "json")(*parts)


def documents(text: str) -> list[dict[str, Any]]:
    return [
        report("promotion", samples.promotion(text)),
        report("promotion", samples.promotion(text, committed=False)),
        report("promotion", samples.unpushed(text)),
        report("history", samples.history(text)),
        report("history", samples.way_back(text)),
        report("status", samples.status(text)),
        report("diagnosis", samples.diagnosis(text)),
        report("holds", samples.holds(text)),
        report("holds", samples.holds(text, "release", samples.refused(text))),
        report("holds", samples.holds(text, "release", samples.offered(text))),
        report("rollback", samples.rollback(text)),
        report("rollback", samples.rollback(text, samples.offered(text))),
        report("rollback", samples.followed_back(text)),
        report("rollback", samples.rollback(text, samples.written(text, committed=False))),
        report("difference", samples.difference(text)),
        report("live_difference", samples.live_difference(text)),
        report("catalogue", samples.catalogue(text)),
        report("rule", samples.rule(text)),
        report("rule", samples.rule(text, across=True)),
        report("examples", samples.examples(text)),
        report("examples", samples.examples(text, holds=True)),
        report("sync", samples.sync(text)),
        report("reconciliation", samples.reconciliation(text)),
        report("rescan", samples.rescan(text)),
        report("delivery", samples.delivery(text)),
        report("proposal", samples.proposal(text)),
        report("merging", samples.merging(text)),
        report("arrivals", samples.arrivals(text)),
        report("arrivals", samples.arrivals(text, since=None)),
        report("delivery", DeliveryReport(samples.promotion(text))),
        report("audit", samples.audit(text)),
        report("verification", samples.verification(text)),
        report("schemas", samples.schemas(text)),
        report("definitions", samples.definitions(text)),
        report("check", findings.hostile(text)),
        report("check", findings.small()),
        report("error", TidegateError(text, hint=text), 70),
        report("error", InputError(text), 2),
        report("error", ToolFailed(text, output=text), 3),
        report("error", ConflictError(text), 4),
        report("error", TidegateError(text), 130),
        report("error", ConfigurationError([Problem(text, 0, 0, "", text)]), 2),
    ]


def check(document: Mapping[str, Any]) -> None:
    text = dump(document)
    assert text.isascii()
    assert text.endswith("}\n")
    assert json.loads(text) == document
    errors = [f"{error.json_path}: {error.message}" for error in VALIDATOR.iter_errors(document)]
    assert errors == []


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_every_kind_fits_its_schema(text: str) -> None:
    for document in documents(text):
        check(document)


@settings(max_examples=20)  # of two dozen documents each
@given(st.text())
def test_any_text_fits(text: str) -> None:
    for document in documents(text):
        check(document)


def test_every_kind_of_the_schema_is_made_here() -> None:
    kinds = {document["kind"] for document in documents("x")}
    assert kinds == {name for name in schema("report")["$defs"] if name.endswith("Report")}


def test_the_schema_is_strict() -> None:
    for document in documents("x"):
        assert not VALIDATOR.is_valid({**document, "more": 1})
        assert not VALIDATOR.is_valid({**document, "kind": "Other"})
        assert not VALIDATOR.is_valid({k: v for k, v in document.items() if k != "exitCode"})
