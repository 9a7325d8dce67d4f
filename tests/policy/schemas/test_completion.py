"""What is missing in Git, and will be there once somebody applies it."""

from __future__ import annotations

import pytest
import yaml

from tidegate.domain.context import RuleContext
from tidegate.domain.manifest import Manifest, Rendered, identify
from tidegate.domain.rulebook import Admission, Rulebook
from tidegate.policy.examination import Examination
from tidegate.policy.schemas.rules import SCHEMA_RULES

EXAMINATION = Examination(Rulebook(Admission(), "key"))
BINDING = (
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRoleBinding\nmetadata: {name: a}\n"
    "roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}\n"
    "subjects: [{kind: ServiceAccount, name: %s}]\n"
)
ACCOUNT = "---\napiVersion: v1\nkind: ServiceAccount\nmetadata: {name: agent}\n"
PART = (
    "apiVersion: apps/v1\nkind: Deployment\n"
    "metadata: {name: a, annotations: {argocd.argoproj.io/sync-options: '%s'}}\n"
    "spec: {replicas: %s, template: {spec: {containers: [{name: a}]}}}\n"
)


def found(text: str, *, namespaced: bool = False) -> list[str]:
    manifests = tuple(Manifest(identify(data), data) for data in yaml.safe_load_all(text))
    context = RuleContext(namespaced=namespaced)
    violations = EXAMINATION.inspect(Rendered("o", manifests), context).violations
    return [
        ".".join(map(str, violation.field))
        for violation in violations
        if violation.rule in SCHEMA_RULES
    ]


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        (BINDING % "agent" + ACCOUNT, [], ["subjects.0.namespace"]),
        (BINDING % "default", [], ["subjects.0.namespace"]),
        (BINDING % "other" + ACCOUNT, ["subjects.0.namespace"], ["subjects.0.namespace"]),
    ],
)
def test_an_account_gets_its_namespace_where_flux_gives_one(
    text: str, inside: list[str], outside: list[str]
) -> None:
    assert found(text, namespaced=True) == inside
    assert found(text) == outside


LACKING = ["spec.selector", "spec.template.spec.containers.0.image"]


@pytest.mark.parametrize(
    ("options", "replicas", "fields"),
    [
        ("ServerSideApply=true,Validate=false", "0", []),
        ("Validate=false, ServerSideApply=true, Prune=false", "0", []),
        ("ServerSideApply=true,Validate=false", "many", ["spec.replicas"]),
        ("ServerSideApply=true", "0", LACKING),
        ("Validate=false", "0", LACKING),
    ],
)
def test_what_argo_cd_lays_over_an_object_is_a_part_of_one(
    options: str, replicas: str, fields: list[str]
) -> None:
    assert found(PART % (options, replicas)) == fields


@pytest.mark.parametrize(("policy", "fields"), [("Merge", []), ("IfNotPresent", LACKING)])
def test_what_flux_merges_into_an_object_is_a_part_of_one(policy: str, fields: list[str]) -> None:
    text = PART.replace("argocd.argoproj.io/sync-options", "kustomize.toolkit.fluxcd.io/ssa")
    assert found(text % (policy, "0")) == fields
