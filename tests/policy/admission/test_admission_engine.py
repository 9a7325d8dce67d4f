"""What policies decide: which are asked, how severe each answer is, and which field is meant."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import yaml
from tests.support.admission import FOLDER, custom_kinds, judge, policy, read, violations

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import ObjectId
from tidegate.policy.admission import AdmissionEngine

PROD = {"metadata": {"name": "shop", "labels": {"tidegate.dev/environment": "prod"}}}
DEV = {"metadata": {"name": "shop", "labels": {"tidegate.dev/environment": "dev"}}}


def deployment(**spec: Any) -> dict[str, Any]:
    containers = [
        {"name": "proxy", "image": "envoy:1"},
        {"name": "server", "image": "shop", "resources": {"limits": {"cpu": 2}}},
    ]
    template = {"metadata": {"labels": {"app": "shop"}}, "spec": {"containers": containers}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "shop"},
        "spec": {"selector": {"matchLabels": {"app": "shop"}}, "template": template, **spec},
    }


def test_a_violation_says_everything() -> None:
    text = policy(
        [{"expression": "object.spec.replicas > 1", "message": " one is none \n"}],
        annotations={
            "tidegate.dev/why": "A pod goes when its node goes.",
            "tidegate.dev/fix": "Set replicas to 2.",
            "tidegate.dev/link": "https://kubernetes.io/docs/",
            "tidegate.dev/category": "availability",
        },
    )
    assert violations(text, deployment()) == [
        Violation(
            "rule",
            Severity.DENY,
            "one is none",
            ObjectId("apps/v1", "Deployment", "", "shop"),
            ("spec", "replicas"),
            "Set replicas to 2.",
            "https://kubernetes.io/docs/",
        )
    ]
    found = read(text).policies[0]
    assert (found.why, found.category) == ("A pod goes when its node goes.", "availability")
    assert violations(text, deployment(replicas=2)) == []


@pytest.mark.parametrize(
    ("expression", "more", "message"),
    [
        ("object.spec.replicas > 1", {}, "failed expression: object.spec.replicas > 1"),
        ("object.spec.replicas > 1", {"message": "no"}, "no"),
        ("false", {"messageExpression": "'has ' + string(object.spec.replicas)"}, "has 1"),
        ("false", {"messageExpression": "'  x '"}, "x"),
        ("false", {"messageExpression": "'  '", "message": "no"}, "no"),
        ("false", {"messageExpression": "'a\\nb'", "message": "no"}, "no"),
        ("false", {"messageExpression": "string(object.nope)", "message": "no"}, "no"),
        ("false", {"messageExpression": "string(object.nope)"}, "failed expression: false"),
        ("false", {"messageExpression": "'" + "é" * 2561 + "'", "message": "no"}, "no"),
    ],
)  # fmt: skip
def test_messages_are_the_api_server_s(expression: str, more: dict[str, str], message: str) -> None:
    found = violations(policy([{"expression": expression, **more}]), deployment())
    assert [violation.message for violation in found] == [message]


@pytest.mark.parametrize(
    ("expression", "error"),
    [
        ("object.nope == 1", "no such key: nope"),
        ("object.spec.replicas / 0 == 1", "division by zero"),
        ("object.spec.replicas % 0 == 1", "modulus by zero"),
        ("[1][3] == 1", "index out of bounds: 3"),
        ("object.metadata.name.x == 1", "no such overload"),
        ("object.spec.replicas + 'a' == ''", "no such overload"),
        ("int(object.metadata.name) == 1", "type conversion error from 'string' to 'int'"),
        ("[].max() == 1", "max called on empty list"),
        ("semver('1').major() == 1", "Invalid semantic version"),
    ],
)
def test_errors_are_told_in_the_api_server_s_words(expression: str, error: str) -> None:
    (found,) = violations(policy([expression]), deployment())
    assert found.message == f"expression '{expression}' resulted in error: {error}"


def test_errors_follow_the_failure_policy() -> None:
    broken = ["object.nope == 1", "object.spec.replicas > 5"]
    assert len(violations(policy(broken), deployment())) == 2
    found = violations(policy(broken, failurePolicy="Ignore"), deployment())
    assert [v.message for v in found] == ["failed expression: object.spec.replicas > 5"]


@pytest.mark.parametrize(
    ("conditions", "failure", "asked"),
    [
        (["true", "object.spec.replicas == 1"], "Fail", True),
        (["true", "object.spec.replicas == 2"], "Fail", False),
        (["object.nope == 1", "object.spec.replicas == 2"], "Fail", False),
        (["object.nope == 1"], "Ignore", False),
        (["namespaceObject == null"], "Fail", True),
    ],
)
def test_match_conditions_say_who_is_asked(
    conditions: list[str], failure: str, asked: bool
) -> None:
    named = [{"name": f"c{n}", "expression": text} for n, text in enumerate(conditions)]
    text = policy(["false"], matchConditions=named, failurePolicy=failure)
    assert bool(violations(text, deployment(), PROD)) is asked


def test_a_match_condition_that_fails_is_a_violation_of_its_own() -> None:
    named = [{"name": "c", "expression": "object.nope == 1"}]
    # Even where every validation is true.
    found = violations(policy(["true"], matchConditions=named), deployment())
    message = "expression 'object.nope == 1' resulted in error: no such key: nope"
    assert [(v.message, v.field) for v in found] == [(message, ())]


@pytest.mark.parametrize(
    ("actions", "severity"),
    [
        (["Deny"], Severity.DENY),
        (["Audit", "Deny"], Severity.DENY),
        (["Audit", "Warn"], Severity.WARN),
        (["Audit"], Severity.AUDIT),
    ],
)
def test_severity_is_the_strictest_action(actions: list[str], severity: Severity) -> None:
    found = violations(policy(["false"], actions=actions), deployment())
    assert [v.severity for v in found] == [severity]


def test_of_several_bindings_the_strictest_counts_once() -> None:
    items = list(yaml.safe_load_all(policy(["object.spec.replicas > 1"], actions=["Audit"])))
    for name, actions, environment in (("a", ["Warn"], "dev"), ("b", ["Deny"], "prod")):
        selector = {"matchLabels": {"tidegate.dev/environment": environment}}
        binding = {**items[1], "metadata": {"name": name}}
        binding["spec"] = {
            "policyName": "rule",
            "validationActions": actions,
            "matchResources": {"namespaceSelector": selector},
        }
        items.append(binding)
    engine = AdmissionEngine(read(yaml.safe_dump_all(items)))
    assert [v.severity for v in judge(engine, deployment(), PROD)] == [Severity.DENY]
    assert [v.severity for v in judge(engine, deployment(), DEV)] == [Severity.WARN]
    assert [v.severity for v in judge(engine, deployment(), None)] == [Severity.AUDIT]


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("'spec.replicas'", ("spec", "replicas")),
        ("'object.spec.replicas'", ("spec", "replicas")),
        ("'spec.nope.nothing'", ("spec", "nope", "nothing")),
        (
            "'spec.template.spec.containers[name=server].resources.limits'",
            ("spec", "template", "spec", "containers", 1, "resources", "limits"),
        ),
        (
            "'spec.template.spec.containers[name=server].livenessProbe'",
            ("spec", "template", "spec", "containers", 1, "livenessProbe"),
        ),
        (
            "'spec.template.spec.containers[name=gone].image'",
            ("spec", "template", "spec", "containers"),
        ),
        ("'spec.template.spec.volumes[2]'", ("spec", "template", "spec", "volumes", 2)),
        ("'metadata.labels[app.io/name]'", ("metadata", "labels", "app.io/name")),
        ("\"metadata.labels['a.b/c']\"", ("metadata", "labels", "a.b/c")),
        ("'spec.' + variables.name", ("spec", "shop")),
        # Nothing that can be used: the expression's own path.
        ("object.nope", ("spec", "replicas")),
        ("1", ("spec", "replicas")),
        ("[]", ("spec", "replicas")),
    ],
)  # fmt: skip
def test_where_names_the_field(where: str, field: tuple[str | int, ...]) -> None:
    text = policy(
        ["object.spec.replicas > 1"],
        annotations={"tidegate.dev/where": where},
        variables=[{"name": "name", "expression": "object.metadata.name"}],
    )
    assert [v.field for v in violations(text, deployment())] == [field]


def test_where_may_name_several_fields() -> None:
    path = "spec.template.spec.containers"
    where = f"object.{path}.map(c, '{path}[name=' + c.name + ']')"
    found = violations(policy(["false"], annotations={"tidegate.dev/where": where}), deployment())
    pods = ("spec", "template", "spec", "containers")
    assert [v.field for v in found] == [(*pods, 0), (*pods, 1)]


@pytest.mark.parametrize(
    ("expression", "field"),
    [
        ("has(object.spec.paused) && object.spec.a.b", ("spec", "a", "b")),
        ("object.spec.template.spec.all(c, false)", ("spec", "template", "spec")),
        ("object.metadata.name.startsWith('x')", ("metadata", "name")),
        ("object.spec.?strategy.?type.orValue('') == 'x'", ("spec", "strategy", "type")),
        ("'object.spec.paused' == ''", ()),
        ("variables.pods.all(c, false)", ("spec", "template", "spec", "containers")),
        ("false", ()),
    ],
)  # fmt: skip
def test_without_where_the_longest_path_is_meant(expression: str, field: tuple[str, ...]) -> None:
    pods = {"name": "pods", "expression": "object.spec.template.spec.containers"}
    found = violations(policy([expression], variables=[pods]), deployment(paused=True))
    assert [v.field for v in found] == [field]


def test_defaults_are_there_before_policies_are_asked() -> None:
    checks = [
        "object.spec.replicas == 1 && object.spec.strategy.rollingUpdate.maxSurge == '25%'",
        "object.spec.template.spec.containers[1].imagePullPolicy == 'Always'",
        "object.spec.template.spec.containers[1].resources.limits.cpu == '2'",
        "object.metadata.namespace == 'shop' && request.namespace == 'shop'",
        "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == 'shop'",
        "oldObject == null && request.operation == 'CREATE' && !request.dryRun",
    ]
    assert violations(policy(checks), deployment(), PROD) == []


def test_without_a_namespace_objects_go_to_the_one_they_name_or_to_default() -> None:
    text = policy(["request.namespace == 'default'"])
    assert violations(text, deployment()) == []
    item = deployment()
    item["metadata"]["namespace"] = "own"
    assert len(violations(text, item)) == 1


PARAMETERS = """
---
apiVersion: v1
kind: ConfigMap
metadata: {name: limits, namespace: shop, labels: {limits: "yes"}}
data: {least: "2"}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other, namespace: elsewhere, labels: {limits: "yes"}}
data: {least: "5"}
"""
TEST = "object.spec.replicas >= int(params.data.least)"
KIND = {"apiVersion": "v1", "kind": "ConfigMap"}


@pytest.mark.parametrize(
    ("reference", "passes", "fails"),
    [
        ({"name": "limits"}, 2, 1),
        ({"name": "other", "namespace": "elsewhere"}, 5, 4),
        ({"selector": {"matchLabels": {"limits": "yes"}}}, 2, 1),
        ({"selector": {}, "namespace": "elsewhere"}, 5, 4),
    ],
)
def test_parameters_come_by_name_and_by_selector(
    reference: dict[str, Any], passes: int, fails: int
) -> None:
    binding = {"paramRef": {**reference, "parameterNotFoundAction": "Deny"}}
    text = policy([TEST], paramKind=KIND, binding=binding) + PARAMETERS
    assert violations(text, deployment(replicas=passes), PROD) == []
    assert len(violations(text, deployment(replicas=fails), PROD)) == 1


def test_missing_parameters_are_allowed_or_denied_whatever_the_actions_are() -> None:
    allow = {"paramRef": {"name": "limits", "parameterNotFoundAction": "Allow"}}
    elsewhere = {"metadata": {"name": "far"}}
    text = policy([TEST], paramKind=KIND, binding=allow) + PARAMETERS
    assert violations(text, deployment(), elsewhere) == []
    deny = {"paramRef": {"name": "limits", "parameterNotFoundAction": "Deny"}}
    text = policy([TEST], paramKind=KIND, binding=deny, actions=["Audit"]) + PARAMETERS
    found = violations(text, deployment(), elsewhere)
    assert [(v.severity, v.message) for v in found] == [
        (
            Severity.DENY,
            "failed to configure binding: no params found for policy binding with `Deny` "
            "parameterNotFoundAction",
        )
    ]
    text = policy([TEST], paramKind=KIND, binding=deny, failurePolicy="Ignore") + PARAMETERS
    assert violations(text, deployment(), elsewhere) == []


def test_a_parameter_that_is_nowhere_is_a_problem_with_its_place() -> None:
    deny = {"paramRef": {"name": "gone", "parameterNotFoundAction": "Deny"}}
    text = policy([TEST], paramKind=KIND, binding=deny)
    (problem,) = AdmissionEngine(read(text)).problems
    assert problem.message == "names the ConfigMap 'gone', which is not there"
    assert problem.key == "spec.paramRef"
    assert text.splitlines()[problem.line - 1] == "  paramRef:"


def test_without_a_reference_parameters_are_null() -> None:
    text = policy(["params == null"], paramKind=KIND)
    assert violations(text, deployment()) == []


def test_other_versions_of_a_resource_are_converted_where_that_can_be_told() -> None:
    engine = AdmissionEngine(read((FOLDER / "policies.yaml").read_text("utf-8")), custom_kinds())
    old = {
        "apiVersion": "autoscaling/v1",
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "shop"},
        "spec": {"maxReplicas": 3, "targetCPUUtilizationPercentage": 80, "scaleTargetRef": {}},
    }
    found = [v for v in judge(engine, old, PROD) if v.rule.startswith("autoscaler")]
    assert [(v.rule, v.message) for v in found] == [
        ("autoscaler", "at least two"),
        ("autoscaler", "v2 v1 80"),
    ]
    # What v1 keeps in annotations nobody could see here.
    note = {"autoscaling.alpha.kubernetes.io/metrics": "[]"}
    old["metadata"] = {"name": "shop", "annotations": note}
    assert [v for v in judge(engine, old, PROD) if v.rule.startswith("autoscaler")] == []


def test_policies_are_never_asked_about_policies() -> None:
    text = policy(["false"]).replace('- ""', '- "*"').replace("- deployments", '- "*"')
    items = list(yaml.safe_load_all(text))
    rule = {"apiGroups": ["*"], "apiVersions": ["*"], "operations": ["*"], "resources": ["*"]}
    items[0]["spec"]["matchConstraints"]["resourceRules"] = [rule]
    engine = AdmissionEngine(read(yaml.safe_dump_all(items)))
    assert judge(engine, items[0]) == []
    assert len(judge(engine, deployment())) == 1


def test_objects_and_policies_can_be_sent_to_another_process() -> None:
    admission = read((FOLDER / "policies.yaml").read_text("utf-8"))
    assert pickle.loads(pickle.dumps(admission)) == admission


def test_an_engine_with_a_broken_policy_says_nothing_of_it() -> None:
    engine = AdmissionEngine(read(policy(["object.spec.replicas > 1", "nope(1)"])))
    assert judge(engine, deployment()) == []
    assert [problem.message for problem in engine.problems] == ["names 'nope', which is not there"]
