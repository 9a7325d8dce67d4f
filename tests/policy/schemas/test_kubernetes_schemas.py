from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.errors import InputError
from tidegate.policy.schemas import Schemas, default_version, known_versions

SCHEMAS = Schemas("1.33")


def judge(text: str, schemas: Schemas = SCHEMAS) -> list[Violation]:
    data = yaml.safe_load(text)
    return list(schemas.judge(Manifest(identify(data), data)))


HEAD = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\n"
SPEC = (
    "spec:\n  selector: {matchLabels: {app: a}}\n  template:\n    metadata: {labels: {app: a}}\n"
    "    spec:\n      containers:\n        - {name: c, image: x}\n"
)

GOOD = [
    HEAD + SPEC,
    HEAD.replace("{name: a}", "{name: a, creationTimestamp: null}") + SPEC + "status: {}\n",
    HEAD + SPEC + "      nodeSelector:\n",
    HEAD + SPEC.replace("image: x", "image: x, resources: {limits: {cpu: 1, memory: 1Gi}}"),
    HEAD + SPEC.replace("image: x", "image: x, ports: [{containerPort: 80, name: null}]"),
    HEAD + "spec: {selector: {}, template: {}, strategy: {rollingUpdate: {maxSurge: 25%}}}\n",
    HEAD + "spec: {selector: {}, template: {}, strategy: {rollingUpdate: {maxSurge: 1}}}\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: YQ==}\nstringData: {b: c}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {generateName: a-}\nspec: {ports: [{port: 80}]}\n",
    "apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: a}\nspec: {any: [thing]}\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: a}\n"
    "spec: {group: a, scope: Namespaced, names: {kind: A, plural: as}, versions: [{name: v1,"
    " served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n",
]


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("version", ["1.25", "1.33", "1.37"])
def test_what_the_server_takes_passes(text: str, version: str) -> None:
    assert judge(text, Schemas(version)) == []


BAD: list[tuple[str, tuple[str | int, ...], str, str | None]] = [
    (
        HEAD + SPEC.replace("image: x", "image: x, redinessProbe: {}"),
        ("spec", "template", "spec", "containers", 0, "redinessProbe"),
        "'redinessProbe' is no field of spec.template.spec.containers[0]",
        "did you mean 'readinessProbe'?",
    ),
    (
        HEAD + SPEC + "  replicas: '3'\n",
        ("spec", "replicas"),
        'spec.replicas is "3"',
        "expected a whole number",
    ),
    (HEAD + "spec: {selector: {}}\n", ("spec",), "spec lacks 'template'", "add template:"),
    (
        HEAD + "spec: {selector: {}, template: {}, strategy: {rollingUpdate: {maxSurge: [1]}}}\n",
        ("spec", "strategy", "rollingUpdate", "maxSurge"),
        "spec.strategy.rollingUpdate.maxSurge is [1]",
        "expected a whole number or text",
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {port: 8080}\n",
        ("data", "port"),
        "data.port is 8080",
        "expected text (in quotes)",
    ),
    ("apiVersion: v1\nkind: ConfigMap\n", ("metadata",), "the object has no name", "add name:"),
]


@pytest.mark.parametrize(("text", "field", "message", "fix"), BAD)
def test_what_the_server_refuses_is_told_once_with_its_field(
    text: str, field: tuple[str | int, ...], message: str, fix: str | None
) -> None:
    (found,) = judge(text)
    assert (found.rule, found.severity) == ("schema", Severity.DENY)
    assert (found.field, found.message, found.fix) == (field, message, fix)


HPA = (
    "apiVersion: autoscaling/{}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\n"
    "spec: {{maxReplicas: 2, scaleTargetRef: {{kind: Deployment, name: a}}}}\n"
)


@pytest.mark.parametrize(
    ("api", "version", "found"),
    [
        ("v2", "1.37", []),
        ("v2beta2", "1.25", [("api-deprecated", Severity.WARN)]),
        ("v2beta2", "1.26", [("api-removed", Severity.DENY)]),
        ("v2beta1", "1.25", [("api-removed", Severity.DENY)]),
    ],
)
def test_apis_that_are_gone_or_going(
    api: str, version: str, found: list[tuple[str, Severity]]
) -> None:
    told = judge(HPA.format(api), Schemas(version))
    assert [(item.rule, item.severity) for item in told] == found
    assert all(item.fix == "use autoscaling/v2; its fields may differ" for item in told)


def test_a_pod_security_policy_is_told_what_to_use() -> None:
    (found,) = judge("apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\n")
    assert found.rule == "api-removed"
    assert "Pod Security admission" in str(found.fix)


def test_which_kinds_are_known() -> None:
    assert SCHEMAS.knows("apps/v1", "Deployment")
    assert SCHEMAS.knows("policy/v1beta1", "PodSecurityPolicy")
    assert not SCHEMAS.knows("monitoring.coreos.com/v1", "ServiceMonitor")
    assert not SCHEMAS.knows("apps/v1", "ServiceMonitor")


def test_versions() -> None:
    assert known_versions()[0] == "1.25"
    assert default_version() == known_versions()[-1]
    with pytest.raises(InputError, match=r"no schemas of Kubernetes 1\.2"):
        Schemas("1.2")


JSON: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
KINDS = [
    ("apps/v1", "Deployment"),
    ("v1", "Service"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
]


@given(st.sampled_from(KINDS), JSON, JSON)
def test_nothing_that_json_can_say_breaks_it(
    kind: tuple[str, str], spec: Any, metadata: Any
) -> None:
    data = {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, "spec": spec}
    for found in SCHEMAS.judge(Manifest(identify(data), data)):
        assert found.message
