"""The API server's rules beyond its schemas: of each an object that breaks it and one that keeps
it. A real server says the same of them in test_schemas_server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from tests.support.refusals import Refusal, refusals

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas
from tidegate.policy.schemas.rules import SYNTAX

SCHEMAS = Schemas("1.36")


def judge(item: Mapping[str, Any], schemas: Schemas = SCHEMAS) -> list[Violation]:
    told = schemas.judge(Manifest(identify(item), item))
    return [found for found in told if found.severity is Severity.DENY]


@pytest.mark.parametrize("case", [*refusals()], ids=lambda case: case.field)
def test_the_field_that_breaks_a_rule_is_told(case: Refusal) -> None:
    (found,) = judge(case.refused)
    assert ".".join(map(str, found.field)) == case.field
    assert found.rule in ("syntax", "schema")  # of null, the schema says it


@pytest.mark.parametrize("version", ["1.33", "1.36", "1.37"])
def test_what_keeps_each_rule_passes_in_every_version(version: str) -> None:
    schemas = Schemas(version)
    found = [found for case in refusals() for found in judge(case.accepted, schemas)]
    # Of a field that a version doesn't have yet, its schema says so.
    assert [flaw for flaw in found if flaw.rule == SYNTAX or version == "1.36"] == []


def test_older_servers_take_addresses_in_more_ways() -> None:
    text = (
        "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: a}\n"
        "spec: {podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.01.1.1/8}}]}]}"
    )
    (found,) = judge(yaml.safe_load(text))
    assert "expected 10.0.0.0/8, as servers ask for since Kubernetes 1.36" in found.message
    assert judge(yaml.safe_load(text), Schemas("1.35")) == []


@pytest.mark.parametrize("key", ["[a]", "{a: b}", "null", "1"])
def test_a_selector_s_key_may_be_anything(key: str) -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n"
        f"  selector: {{matchExpressions: [{{key: {key}, operator: Exists}}]}}\n"
        "  template: {metadata: {labels: {a: b}}, spec: {containers: [{name: a, image: x}]}}\n"
    )
    fields = [".".join(map(str, found.field)) for found in judge(yaml.safe_load(text))]
    assert "spec.selector.matchExpressions.0.key" in fields
