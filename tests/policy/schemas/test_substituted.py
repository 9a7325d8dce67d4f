"""What is said of values that Flux will replace, and of those that nobody does."""

from __future__ import annotations

import pytest
import yaml

from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, Rendered, identify
from tidegate.domain.rulebook import Admission, Rulebook
from tidegate.policy.examination import Examination

EXAMINATION = Examination(Rulebook(Admission(), "key"))
SERVICE = (
    "apiVersion: v1\nkind: Service\nmetadata: {name: a}\n"
    "spec: {selector: {app: a}, ports: [{port: 80}], clusterIP: %s, type: %s}\n"
)
POD = (
    "apiVersion: v1\nkind: Pod\nmetadata: {name: a, labels: {app: '%s'}}\n"
    "spec: {containers: [{name: c, image: '${IMAGE}', ports: [{containerPort: 80}]%s}]}\n"
)


def inspect(text: str, *, substituted: bool = True) -> list[Violation]:
    read = [data for data in yaml.safe_load_all(text) if data]
    manifests = tuple(Manifest(identify(data), data) for data in read)
    context = RuleContext(substituted=substituted)
    return list(EXAMINATION.inspect(Rendered("o", manifests), context).violations)


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ("'${IP}'", True),
        ("'${IP:=10.0.0.1}'", True),
        ("'10.0.0.${LAST/a/b}'", True),
        ("'$IP'", False),
        ("'$${IP}'", False),
        ("'$(IP)'", False),
        ("'${1}'", False),
    ],
)
def test_a_value_that_flux_replaces_is_not_judged(value: str, note: bool) -> None:
    text = SERVICE % (value, "ClusterIP")
    (found,) = inspect(text)
    assert found.severity is (Severity.AUDIT if note else Severity.DENY)
    assert found.message.endswith(", which Flux replaces: not judged") is note
    assert found.field == ("spec", "clusterIP")
    assert [v.severity for v in inspect(text, substituted=False)] == [Severity.DENY]


def test_each_field_has_one_note_and_others_are_judged() -> None:
    found = inspect(SERVICE % ("'${IP}'", "Wrong"))
    assert {v.field: v.severity for v in found} == {
        ("spec", "clusterIP"): Severity.AUDIT,
        ("spec", "type"): Severity.DENY,
    }
    assert len(found) == 2


def test_what_lies_beside_a_variable_is_judged() -> None:
    (found,) = inspect(POD % ("a", ", imag: x"))
    assert found.severity is Severity.DENY
    (found,) = inspect("apiVersion: v1\nkind: Pod\nspec: {containers: [{image: '${IMAGE}'}]}\n")[:1]
    assert found.severity is Severity.DENY


@pytest.mark.parametrize("label", ["b", "${APP}"])
def test_a_rule_between_objects_knows_no_value_either(label: str) -> None:
    service = SERVICE.replace("app: a", "app: '${APP}'") % ("None", "ClusterIP")
    found = inspect(f"{service}---\n{POD % (label, '')}")
    assert all(violation.severity is Severity.AUDIT for violation in found)
    assert any(violation.field == ("spec", "selector") for violation in found) is (label == "b")


@pytest.mark.parametrize("place", ["labels", "annotations"])
def test_an_object_that_flux_leaves_alone_is_judged(place: str) -> None:
    mark = f"{{name: a, {place}: {{kustomize.toolkit.fluxcd.io/substitute: disabled}}}}"
    (found,) = inspect((SERVICE % ("'${IP}'", "ClusterIP")).replace("{name: a}", mark))
    assert found.severity is Severity.DENY


def test_what_a_variable_is_compared_with_is_not_judged() -> None:
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec:\n"
        "  selector: {matchLabels: {app: web}}\n"
        "  template:\n    metadata: {labels: {app: '${APP}'}}\n"
        "    spec: {containers: [{name: c, image: x}]}\n"
    )
    assert {found.severity for found in inspect(text)} == {Severity.AUDIT}
    assert Severity.DENY in {found.severity for found in inspect(text, substituted=False)}


def test_a_value_that_a_vault_has_is_not_judged() -> None:
    for value, note in (("'<path:kv/data/a#ip | trim>'", True), ("'<ip>'", False)):
        (found,) = inspect(SERVICE % (value, "ClusterIP"), substituted=False)
        assert found.severity is (Severity.AUDIT if note else Severity.DENY)
        assert found.message.endswith("which argocd-vault-plugin replaces: not judged") is note
