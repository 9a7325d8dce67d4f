from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.errors import InputError
from tidegate.policy.schemas.cluster import Schemas
from tidegate.policy.schemas.versions import default_version, known_versions

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
    HEAD + SPEC + "  strategy: {rollingUpdate: {maxSurge: 25%}}\n",
    HEAD + SPEC + "  strategy: {rollingUpdate: {maxSurge: 1}}\n",
    "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: YQ==}\nstringData: {b: c}\n",
    "apiVersion: v1\nkind: Service\nmetadata: {generateName: a-}\nspec: {ports: [{port: 80}]}\n",
    "apiVersion: example.com/v1\nkind: Nothing\nmetadata: {name: a}\nspec: {any: [thing]}\n",
    "apiVersion: skaffold/v4beta11\nkind: Config\nmetadata: {name: a}\nbuild: {}\n",
    "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\n"
    "metadata: {name: as.a.io}\nspec: {group: a.io, scope: Namespaced,"
    " names: {kind: A, plural: as}, versions: [{name: v1,"
    " served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]}\n",
]


@pytest.mark.parametrize("text", GOOD)
@pytest.mark.parametrize("version", ["1.25", "1.33", "1.37"])
def test_what_the_server_takes_passes(text: str, version: str) -> None:
    assert judge(text, Schemas(version)) == []


def test_claims_of_older_versions_have_requests_of_another_shape() -> None:
    text = (
        "apiVersion: resource.k8s.io/v1beta1\nkind: ResourceClaim\nmetadata: {name: a}\n"
        "spec: {devices: {requests: [{name: a, deviceClassName: gpu.example.com}]}}"
    )
    assert judge(text, Schemas("1.33")) == []


def test_an_api_version_in_the_wrong_case_is_told_where_it_stands() -> None:
    (found,) = judge(HEAD.replace("apiVersion", "apiversion") + SPEC)
    assert (found.field, found.severity) == (("apiversion",), Severity.DENY)
    assert found.message.endswith("did you mean 'apiVersion'?")


Field = tuple[str | int, ...]
BAD: list[tuple[str, str, Field, str]] = [
    (
        HEAD + SPEC[: SPEC.index("    spec:")],
        "syntax",
        ("spec", "template", "spec"),
        "is missing; expected containers",
    ),
    (
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\n"
        "spec: {rules: [{host: a.io, http: {paths: []}}]}\n",
        "syntax",
        ("spec", "rules", 0, "http", "paths"),
        "is empty; expected at least one path",
    ),
    (
        HEAD + SPEC.replace("image: x", "image: x, redinessProbe: {}"),
        "schema",
        ("spec", "template", "spec", "containers", 0, "redinessProbe"),
        "is not a known field; did you mean 'readinessProbe'?",
    ),
    (
        HEAD + SPEC + "  replicas: '3'\n",
        "schema",
        ("spec", "replicas"),
        "is '3'; expected a whole number",
    ),
    (
        HEAD + "spec: {selector: {matchLabels: {a: b}}}\n",
        "schema",
        ("spec", "template"),
        "is missing; expected a mapping",
    ),
    (
        HEAD + SPEC + "  strategy: {rollingUpdate: {maxSurge: [1]}}\n",
        "schema",
        ("spec", "strategy", "rollingUpdate", "maxSurge"),
        "is a list of 1 item; expected text or a whole number",
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {port: 8080}\n",
        "schema",
        ("data", "port"),
        "is 8080; expected text",
    ),
    (
        HEAD + SPEC.replace("image: x", "image: x, resources: {limits: {cpu: 100ms}}"),
        "syntax",
        ("spec", "template", "spec", "containers", 0, "resources", "limits", "cpu"),
        "is '100ms'",
    ),
    (
        HEAD.replace("name: a", "name: 'training-${TIMESTAMP}'") + SPEC,
        "syntax",
        ("metadata", "name"),
        "is 'training-${TIMESTAMP}'",
    ),
    (
        HEAD + SPEC.replace("labels: {app: a}", "labels: {app: b}"),
        "syntax",
        ("spec", "selector", "matchLabels", "app"),
        "is 'a', but the pod template has 'b' there; expected the same",
    ),
    (
        HEAD
        + SPEC.replace("matchLabels: {app: a}", "matchExpressions: [{key: x, operator: Exists}]"),
        "syntax",
        ("spec", "selector"),
        "doesn't select the pods of its own template",
    ),
    (
        HEAD.replace("apps/v1", "v1").replace("Deployment", "ReplicationController")
        + SPEC.replace("matchLabels: {app: a}", "tier: a"),
        "syntax",
        ("spec", "selector", "tier"),
        "is 'a', but the pod template has no such label",
    ),
    (
        HEAD.replace("apps/v1", "app/v1") + SPEC,
        "schema",
        ("apiVersion",),
        "is 'app/v1', but Kubernetes 1.33 has no app/v1 Deployment; Deployment is in apps/v1",
    ),
    (
        HEAD.replace("apps/v1", "v1beta1").replace("Deployment", "Deploymnt") + SPEC,
        "schema",
        ("kind",),
        "is 'Deploymnt', but Kubernetes 1.33 has no v1beta1 Deploymnt; did you mean 'Deployment'?",
    ),
    (
        HEAD + SPEC.replace("image: x", "image: x, ports: [{containerPort: 80, protocol: tcp}]"),
        "syntax",
        ("spec", "template", "spec", "containers", 0, "ports", 0, "protocol"),
        "is 'tcp'; expected one of 'TCP', 'UDP', 'SCTP'; did you mean 'TCP'?",
    ),
    (
        HEAD + SPEC.replace("image: x", "image: x, volumeMounts: [{name: v, mountPath: /v}]"),
        "syntax",
        ("spec", "template", "spec", "containers", 0, "volumeMounts", 0, "name"),
        "is 'v'",
    ),
    (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: a}\n"
        "spec: {template: {spec: {containers: [{name: c, image: x}]}}}\n",
        "syntax",
        ("spec", "template", "spec", "restartPolicy"),
        "is missing; expected 'OnFailure' or 'Never'",
    ),
    (
        "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec: {schedule: daily, "
        "jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: "
        "[{name: c, image: x}]}}}}}\n",
        "syntax",
        ("spec", "schedule"),
        "is 'daily'",
    ),
    (
        "apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: a}\n"
        "spec: {minAvailable: 1, maxUnavailable: 1, selector: {}}\n",
        "syntax",
        ("spec", "maxUnavailable"),
        "",
    ),
    (
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {key: 'not base64!'}\n",
        "syntax",
        ("data", "key"),
        "",
    ),
    (
        "apiVersion: v1\nkind: ConfigMap\n",
        "syntax",
        ("metadata", "name"),
        "is missing; expected lower-case letters",
    ),
]


@pytest.mark.parametrize(("text", "rule", "field", "message"), BAD)
def test_what_the_server_refuses_is_told_once_with_its_field(
    text: str, rule: str, field: Field, message: str
) -> None:
    (found,) = judge(text)
    assert (found.rule, found.severity, found.field) == (rule, Severity.DENY, field)
    assert message in found.message


CRON = (
    "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a}\nspec:\n  schedule: '@daily'\n"
    "  timeZone: %s\n  jobTemplate: {spec: {template: {spec: {restartPolicy: Never,"
    " containers: [{name: c, image: x}]}}}}\n"
)


def test_a_time_zone_that_is_nearly_one_is_a_slip() -> None:
    (found,) = judge(CRON % "Europe/Berlinn")
    assert found.field == ("spec", "timeZone")
    assert "did you mean 'Europe/Berlin'?" in found.message
    for zone in ("Europe/Berlin", "UTC", "Mars/Olympus"):  # which the cluster may have
        assert judge(CRON % zone) == []
    (found,) = judge(CRON % ("a/" * 10_000 + "b"))
    assert found.field == ("spec", "timeZone")


def test_a_variable_that_hides_an_earlier_one_is_a_warning() -> None:
    env = HEAD + SPEC.replace("image: x", "image: x, env: [{name: A, value: a}, %s]")
    (found,) = judge(env % "{name: A, value: b}")
    assert (found.rule, found.severity) == ("syntax", Severity.WARN)
    assert found.field[-3:] == ("env", 1, "name")
    assert judge(env % "{name: A, value: $(A)b}") == []


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("Foo", ""),
        ("configmap", "; did you mean 'ConfigMap'?"),
        ("Deplyment", "; did you mean 'Deployment'?"),
    ],
)
def test_a_kind_that_there_is_not_is_told_with_the_one_that_was_meant(
    kind: str, meant: str
) -> None:
    (found,) = judge(f"apiVersion: v1\nkind: {kind}\nmetadata: {{name: a}}\n")
    assert found.field == ("kind",)
    assert found.message == f"kind is '{kind}', but Kubernetes 1.33 has no v1 {kind}{meant}"


SAMPLES = sorted((Path(__file__).parents[2] / "repos" / "manifests").glob("*.yaml"))


@pytest.mark.parametrize("file", SAMPLES, ids=lambda file: str(file.stem))
def test_sound_manifests_of_many_kinds_pass(file: Path) -> None:
    schemas = Schemas("1.36")  # the version that took them all
    for data in yaml.safe_load_all(file.read_text("utf-8")):
        if data:
            told = schemas.judge(Manifest(identify(data), data))
            assert [found for found in told if found.severity is Severity.DENY] == []


HPA = (
    "apiVersion: autoscaling/{}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: a}}\n"
    "spec: {{maxReplicas: 2, scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: a}}}}\n"
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
    assert all(item.fix == "use autoscaling/v2 HorizontalPodAutoscaler" for item in told)


def test_a_pod_security_policy_is_told_what_to_use() -> None:
    (found,) = judge("apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: a}\n")
    assert found.rule == "api-removed"
    assert "Pod Security Admission" in str(found.fix)


def test_no_value_of_a_secret_is_told() -> None:
    secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\n"
    encoded, plain = judge(secret + "data: {a: 'hunter 2'}\nstringData: {b: 31337}\n")
    assert encoded.message.startswith("data.a has a value that isn't shown; expected base64")
    assert plain.message == "stringData.b has a value that isn't shown; expected text"
    assert plain.fix == "put it in quotes"


def test_which_kinds_are_known() -> None:
    assert SCHEMAS.knows("apps/v1", "Deployment")
    assert SCHEMAS.knows("policy/v1beta1", "PodSecurityPolicy")
    assert not SCHEMAS.knows("monitoring.coreos.com/v1", "ServiceMonitor")
    assert SCHEMAS.knows("apps/v1", "ServiceMonitor")  # it knows that there is none


def test_versions() -> None:
    assert known_versions()[0] == "1.25"
    assert default_version() == known_versions()[-1]
    with pytest.raises(InputError, match=r"no schemas for Kubernetes '1\.2'"):
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


def test_a_key_that_json_lacks_breaks_nothing_where_there_is_a_mistake() -> None:
    metadata = {"name": "a", "lables": {}}
    data: Any = {"apiVersion": "v1", "kind": "Service", "metadata": metadata, "x": {True: 1}}
    found = SCHEMAS.judge(Manifest(identify(data), data))
    assert {".".join(map(str, v.field)) for v in found} >= {"metadata.lables", "x"}


@pytest.mark.parametrize(
    ("amount", "meant"),
    [
        ("20GB", "20G"),
        ("1.5 gb", "1.5G"),
        ("100GiB", "100Gi"),
        ("2GI", "2Gi"),
        ("512kb", "512k"),
        ("2g", ""),
        ("100ms", ""),
        ("B", ""),
    ],
)
def test_what_was_meant_by_a_unit(amount: str, meant: str) -> None:
    memory = f"image: x, resources: {{limits: {{memory: {amount}}}}}"
    (found,) = judge(HEAD + SPEC.replace("image: x", memory))
    hint = f"; did you mean '{meant}'?" if meant else ""
    assert found.message.endswith(f"expected a quantity such as 500m, 2 or 1Gi{hint}")


@given(st.sampled_from(KINDS), JSON, JSON)
def test_nothing_that_json_can_say_breaks_it(
    kind: tuple[str, str], spec: Any, metadata: Any
) -> None:
    data = {"apiVersion": kind[0], "kind": kind[1], "metadata": metadata, "spec": spec}
    for found in SCHEMAS.judge(Manifest(identify(data), data)):
        assert found.message


@pytest.mark.parametrize(
    ("host", "said"),
    [
        ("'a.${DOMAIN}'", "; the variable '${DOMAIN}' was not replaced"),
        ("'a.${DOMAIN/./-}'", "; the variable '${DOMAIN/./-}' was not replaced"),
        ("$DOMAIN", "; the variable '$DOMAIN' was not replaced"),
        ("$(DOMAIN)", "; the variable '$(DOMAIN)' was not replaced"),
        ("'{{ .domain }}'", "; the variable '{{ .domain }}' was not replaced"),
        ("__INGRESS_HOST__", "; the placeholder '__INGRESS_HOST__' was not replaced"),
        ("a.<your domain>", "; the placeholder '<your domain>' was not replaced"),
        ("'@HOST@'", "; the placeholder '@HOST@' was not replaced"),
        ("a_b", "with a letter or digit at both ends"),
        ("a<b", "with a letter or digit at both ends"),
        ("a$b", "with a letter or digit at both ends"),
    ],
)
def test_what_was_not_replaced_is_told(host: str, said: str) -> None:
    (found,) = judge(
        "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: a}\nspec:\n"
        f"  rules:\n  - host: {host}\n    http: {{paths: [{{path: /, pathType: Prefix,"
        " backend: {service: {name: a, port: {number: 80}}}}]}\n"
    )
    assert found.message.endswith(said)
    assert ("put a value" in str(found.fix)) == ("placeholder" in said)
    assert ("envsubst" in str(found.fix)) == ("variable" in said)


def test_no_secret_is_told_as_a_variable() -> None:
    (found,) = judge("apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: '${hunter2}'}")
    assert "hunter2" not in f"{found.message} {found.fix}"
