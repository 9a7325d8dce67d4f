"""JSON reports hold to their published schema, whatever is in them."""

from __future__ import annotations

import json as standard
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from tests.support import findings
from tests.support import reports as samples

from tidegate.domain.delivery_report import DeliveryReport
from tidegate.errors import (
    ConfigurationError,
    ConflictError,
    InputError,
    Problem,
    TidegateError,
    ToolFailed,
)
from tidegate.report import json
from tidegate.report.document import dump
from tidegate.repository.schemas import schema

VALIDATOR = Draft202012Validator(schema("report"))


def documents(text: str) -> list[dict[str, Any]]:
    return [
        json.promotion(samples.promotion(text)),
        json.promotion(samples.promotion(text, committed=False)),
        json.promotion(samples.unpushed(text)),
        json.history(samples.history(text)),
        json.history(samples.way_back(text)),
        json.status(samples.status(text)),
        json.diagnosis(samples.diagnosis(text)),
        json.holds(samples.holds(text)),
        json.holds(samples.holds(text, "release", samples.refused(text))),
        json.holds(samples.holds(text, "release", samples.offered(text))),
        json.rollback(samples.rollback(text)),
        json.rollback(samples.rollback(text, samples.offered(text))),
        json.rollback(samples.followed_back(text)),
        json.rollback(samples.rollback(text, samples.written(text, committed=False))),
        json.difference(samples.difference(text)),
        json.live_difference(samples.live_difference(text)),
        json.catalogue(samples.catalogue(text)),
        json.rule(samples.rule(text)),
        json.rule(samples.rule(text, across=True)),
        json.examples(samples.examples(text)),
        json.examples(samples.examples(text, holds=True)),
        json.sync(samples.sync(text)),
        json.reconciliation(samples.reconciliation(text)),
        json.rescan(samples.rescan(text)),
        json.delivery(samples.delivery(text)),
        json.proposal(samples.proposal(text)),
        json.merging(samples.merging(text)),
        json.arrivals(samples.arrivals(text)),
        json.arrivals(samples.arrivals(text, since=None)),
        json.delivery(DeliveryReport(samples.promotion(text))),
        json.audit(samples.audit(text)),
        json.verification(samples.verification(text)),
        json.schemas(samples.schemas(text)),
        json.definitions(samples.definitions(text)),
        json.check(findings.hostile(text)),
        json.check(findings.small()),
        json.error(TidegateError(text, hint=text), 70),
        json.error(InputError(text), 2),
        json.error(ToolFailed(text, output=text), 3),
        json.error(ConflictError(text), 4),
        json.error(TidegateError(text), 130),
        json.error(ConfigurationError([Problem(text, 0, 0, "", text)]), 2),
    ]


def check(document: Mapping[str, Any]) -> None:
    text = dump(document)
    assert text.isascii()
    assert text.endswith("}\n")
    assert standard.loads(text) == document
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
