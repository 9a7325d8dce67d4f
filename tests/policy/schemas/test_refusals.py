"""The API server's rules beyond its schemas: of each an object that breaks it and one that keeps
it. A real server says the same of them in test_schemas_server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from tests.support.refusals import Refusal, refusals

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas

SCHEMAS = Schemas("1.36")


def judge(item: Mapping[str, Any], schemas: Schemas = SCHEMAS) -> list[Violation]:
    told = schemas.judge(Manifest(identify(item), item))
    return [found for found in told if found.severity is Severity.DENY]


@pytest.mark.parametrize("case", [*refusals()], ids=lambda case: case.field)
def test_the_field_that_breaks_a_rule_is_told(case: Refusal) -> None:
    (found,) = judge(case.refused)
    assert (found.rule, ".".join(map(str, found.field))) == ("syntax", case.field)


@pytest.mark.parametrize("version", ["1.33", "1.36", "1.37"])
def test_what_keeps_each_rule_passes_in_every_version(version: str) -> None:
    schemas = Schemas(version)
    assert [found for case in refusals() for found in judge(case.accepted, schemas)] == []
