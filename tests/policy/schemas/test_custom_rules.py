"""Rules in definitions, run as the server runs them: test_schemas_server has the same cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
import yaml
from tests.support.kustomize import make_snapshot
from tests.support.ruled import ALTERNATIVES, CASES, UNJUDGED, Case, definition, ruled

from tidegate.domain.context import RuleContext
from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, Rendered, identify
from tidegate.domain.rulebook import Admission, Rulebook
from tidegate.policy.examination import Examination
from tidegate.policy.schemas.cluster import Schemas
from tidegate.repository.crds import read_custom_kinds
from tidegate.repository.layout import DEFINITIONS


def kinds(data: Mapping[str, Any]) -> tuple[CustomKind, ...]:
    files = {f"{DEFINITIONS}/ruleds.yaml": yaml.safe_dump(data)}
    return read_custom_kinds(make_snapshot(files))


def schemas(data: Mapping[str, Any]) -> Schemas:
    return Schemas("1.36", kinds(data))


SCHEMAS = schemas(definition())
EXAMINATION = Examination(Rulebook(Admission(), "key", kinds(definition())))


def judge(item: Mapping[str, Any], against: Schemas = SCHEMAS) -> list[Violation]:
    return list(against.judge(Manifest(identify(item), item)))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.spec))
def test_a_rule_refuses_what_the_server_refuses(case: Case) -> None:
    found = judge(ruled(case.spec, case.name))
    assert [".".join(map(str, flaw.field)) for flaw in found] == ([case.field] * bool(case.words))
    for flaw in found:
        assert case.words in flaw.message
        assert flaw.rule == "custom-rule"


@pytest.mark.parametrize("case", ALTERNATIVES, ids=lambda case: str(case.spec))
def test_alternatives_are_asked_of_what_is_filled_in(case: Case) -> None:
    found = judge(ruled(case.spec))
    assert [".".join(map(str, flaw.field)) for flaw in found] == ([case.field] * bool(case.words))


@pytest.mark.parametrize("spec", UNJUDGED, ids=str)
def test_rules_about_times_are_left_to_the_server(spec: Mapping[str, Any]) -> None:
    assert judge(ruled(spec)) == []


def test_rules_are_asked_only_of_what_has_the_right_shape() -> None:
    (flaw,) = judge(ruled({"least": 10, "most": "9"}))
    assert "expected a whole number" in flaw.message


@pytest.mark.parametrize(
    "rule",
    [
        "self.nothing.at.all()",  # can't be compiled
        "format.dns1123Label().validate(self.size) == null",  # can't be judged offline
        "self.least + 1.5 > 2",  # the library and the server may not agree
        "authorizer.group('')",
        "",
    ],
)
def test_what_is_not_sure_says_nothing(rule: str) -> None:
    data = definition()
    schema = data["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    schema["x-kubernetes-validations"] = [{"rule": rule}, None, "x"]
    assert judge(ruled({"size": "s"}), schemas(data)) == []


def test_a_message_stays_in_its_line() -> None:
    data = definition()
    schema = data["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    schema["x-kubernetes-validations"] = [
        {"rule": "false", "message": "m", "messageExpression": "'a\\nb'"},
        {"rule": "false", "messageExpression": "self.missing"},
    ]
    first, second = judge(ruled({}), schemas(data))
    assert first.message.endswith("rule of its definition: m")
    assert second.message.endswith("rule of its definition: failed rule: false")


@pytest.mark.parametrize("text", ["l", "${SIZE}"])
def test_what_flux_replaces_may_be_what_a_rule_compares(text: str) -> None:
    (found,) = inspect(ruled({"size": text}))
    assert found.severity is (Severity.AUDIT if "$" in text else Severity.DENY)


def test_what_sops_has_encrypted_may_be_what_a_rule_compares() -> None:
    item = {**ruled({"size": "ENC[AES256_GCM,data:x]"}), "sops": {"mac": "ENC[x]"}}
    assert [flaw for flaw in inspect(item) if flaw.rule == "custom-rule"] == []


def inspect(item: Mapping[str, Any]) -> list[Violation]:
    """What is said of the object in a folder that Flux replaces variables in."""
    rendered = Rendered("o", (Manifest(identify(item), item),))
    return list(EXAMINATION.inspect(rendered, RuleContext(substituted=True)).violations)
