"""Every policy of the repository is complete, and in force somewhere."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys

import pytest
import yaml
from tests.support.catalogue import ADMISSION, ENVIRONMENTS, EXAMPLES, FOLDER, POLICIES

from tidegate.domain.admission import AdmissionPolicy
from tidegate.domain.catalogue import Expected
from tidegate.domain.finding import Severity
from tidegate.policy.admission.engine import AdmissionEngine
from tidegate.policy.rules import RULES

CATEGORIES = {
    "availability",
    "resources",
    "autoscaling",
    "supply-chain",
    "security",
    "network",
    "observability",
    "metadata",
    "gitops",
}
HOSTS = ("https://kubernetes.io/docs/", "https://argo-cd.readthedocs.io/")

each = pytest.mark.parametrize("policy", POLICIES.values(), ids=list(POLICIES))


def test_there_are_enough_of_them_and_all_can_be_judged_offline() -> None:
    assert len(POLICIES) >= 30
    assert AdmissionEngine(ADMISSION).problems == ()
    assert {policy.category for policy in POLICIES.values()} == CATEGORIES


def test_no_name_is_taken_by_a_rule_across_objects() -> None:
    assert POLICIES.keys() & RULES.keys() == set()


@each
def test_a_policy_says_why_and_what_to_do(policy: AdmissionPolicy) -> None:
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", policy.name)
    assert policy.where.file == f"admission/{policy.name}/policy.yaml"
    assert policy.why is not None
    assert policy.fix is not None
    for text in (policy.why, policy.fix):
        assert text[0].isupper()
        assert text.endswith(".")
        assert 20 < len(text) < 350
    assert policy.link is not None
    assert policy.link.startswith(HOSTS)
    assert policy.field is not None
    assert not policy.lenient


@each
def test_what_is_being_deleted_may_go_and_what_a_controller_made_is_not_asked(
    policy: AdmissionPolicy,
) -> None:
    conditions = " ".join(condition.expression.text for condition in policy.conditions)
    assert "!has(object.metadata.deletionTimestamp)" in conditions
    resources = {name for rule in policy.match.rules for name in rule.resources}
    if resources & {"pods", "replicasets", "jobs", "services", "secrets"} and (
        policy.name != "default-namespace" and policy.name != "app-labels"
    ):
        assert "ownerReferences" in conditions
    for rule in policy.match.rules:
        assert rule.operations == {"CREATE", "UPDATE"}


@each
def test_every_environment_has_one_binding_at_most_and_prod_has_one(
    policy: AdmissionPolicy,
) -> None:
    severities: dict[str, Severity] = {}
    for environment in ENVIRONMENTS:
        labels = {"tidegate.dev/environment": environment}
        found = [
            binding
            for binding in ADMISSION.bindings
            if binding.policy == policy.name and binding.match.namespaces.selects(labels)
        ]
        assert len(found) <= 1
        for binding in found:
            assert binding.name.startswith(policy.name)
            severities[environment] = binding.severity
            if policy.parameter:
                assert binding.parameter is not None
                assert binding.parameter.name == environment
    ranks = [list(Severity).index(severities[name]) for name in ENVIRONMENTS if name in severities]
    assert "prod" in severities
    assert ranks == sorted(ranks, reverse=True), "prod is not weaker than what comes before it"


@each
def test_namespaces_of_nobody_are_left_alone(policy: AdmissionPolicy) -> None:
    for binding in ADMISSION.bindings:
        if binding.policy == policy.name:
            assert not binding.match.namespaces.selects({"kubernetes.io/metadata.name": "x"})


@each
def test_a_policy_has_examples_of_both_kinds(policy: AdmissionPolicy) -> None:
    found = {example.expected for example in EXAMPLES[policy.name]}
    assert found == {Expected.PASSES, Expected.FAILS}


def test_argo_cd_can_apply_the_folder() -> None:
    binary = shutil.which("kustomize") or shutil.which("kubectl", path=sys.prefix + "/bin")
    if binary is None:
        pytest.skip("there is no kustomize and no kubectl here")
    verb = "kustomize" if binary.endswith("kubectl") else "build"
    done = subprocess.run([binary, verb, str(FOLDER)], capture_output=True, text=True, check=True)
    built = list(yaml.safe_load_all(done.stdout))
    kinds: dict[str, set[str]] = {}
    for item in built:
        kinds.setdefault(item["kind"], set()).add(item["metadata"]["name"])
    assert kinds == {
        "Namespace": {"tidegate-policies"},
        "ConfigMap": set(ENVIRONMENTS),
        "ValidatingAdmissionPolicy": set(POLICIES),
        "ValidatingAdmissionPolicyBinding": {binding.name for binding in ADMISSION.bindings},
    }
    settings = [item["data"].keys() for item in built if item["kind"] == "ConfigMap"]
    assert all(keys == settings[0] for keys in settings)
