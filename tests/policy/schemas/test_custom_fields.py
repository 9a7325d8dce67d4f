"""Mistyped fields of well-known custom resources, with no definition of theirs at hand."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas

SCHEMAS = Schemas("1.33")
VIRTUAL = ("networking.istio.io/v1", "VirtualService")
SUBSETS = ("networking.istio.io/v1beta1", "DestinationRule")
KEDA = ("keda.sh/v1alpha1", "ScaledObject")
JOB = ("keda.sh/v1alpha1", "ScaledJob")
KSERVE = ("serving.kserve.io/v1beta1", "InferenceService")
ROLLOUT = ("argoproj.io/v1alpha1", "Rollout")
SECRET = ("external-secrets.io/v1", "ExternalSecret")
APPLICATION = ("argoproj.io/v1alpha1", "Application")
APPLICATIONS = ("argoproj.io/v1alpha1", "ApplicationSet")
PROJECT = ("argoproj.io/v1alpha1", "AppProject")
FLUX = ("kustomize.toolkit.fluxcd.io/v1", "Kustomization")
CHART = ("helm.toolkit.fluxcd.io/v2", "HelmRelease")
RULE = ("monitoring.coreos.com/v1", "PrometheusRule")
AUTHORIZATION = ("security.istio.io/v1", "AuthorizationPolicy")
RAY = ("ray.io/v1", "RayCluster")
KNATIVE = ("serving.knative.dev/v1", "Service")
MONITOR = ("monitoring.coreos.com/v1", "ServiceMonitor")
PODS = ("monitoring.coreos.com/v1", "PodMonitor")
ROUTE = ("gateway.networking.k8s.io/v1", "HTTPRoute")
GATEWAY = ("gateway.networking.k8s.io/v1", "Gateway")
CERTIFICATE = ("cert-manager.io/v1", "Certificate")
PEERS = ("security.istio.io/v1", "PeerAuthentication")
VERTICAL = ("autoscaling.k8s.io/v1", "VerticalPodAutoscaler")
LEADERS = ("leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet")
POOL = ("inference.networking.k8s.io/v1", "InferencePool")
RUNTIME = ("serving.kserve.io/v1alpha1", "ServingRuntime")
ANALYSIS = ("argoproj.io/v1alpha1", "AnalysisTemplate")
PLACE = "advanced.horizontalPodAutoscalerConfig.behavior.scaleDown"
BEHAVIOR = (
    "{advanced: {horizontalPodAutoscalerConfig: {behavior: {scaleDown: {policies: [{%s}]}}}}}"
)
TRAINING = ("kubeflow.org/v1", "PyTorchJob")
CRON = "{triggers: [{type: cron, metadata: {desiredReplicas: '1', start: %s}}]}"
PROMETHEUS = "{triggers: [{type: prometheus, metadata: {%s}}]}"


def judge(kind: tuple[str, str], spec: str, schemas: Schemas = SCHEMAS) -> list[Violation]:
    text = f"{{apiVersion: {kind[0]}, kind: {kind[1]}, metadata: {{name: a}}, spec: {spec}}}"
    data: dict[str, Any] = yaml.safe_load(text)
    found = schemas.judge_inside(Manifest(identify(data), data), set())
    return [violation for violation in found if violation.rule == "custom-field"]


@pytest.mark.parametrize(
    ("kind", "spec", "field", "meant"),
    [
        (VIRTUAL, "{http: [{routes: []}]}", "http.0.routes", "route"),
        (VIRTUAL, "{host: [a]}", "host", "hosts"),
        (SUBSETS, "{host: a, subset: []}", "subset", "subsets"),
        (KEDA, "{coolDownPeriod: 30}", "coolDownPeriod", "cooldownPeriod"),
        (KEDA, "{triggers: [{type: promethues}]}", "triggers.0.type", "prometheus"),
        (JOB, "{triggers: [{type: rabbitMQ}]}", "triggers.0.type", "rabbitmq"),
        (
            KEDA,
            PROMETHEUS % "serverAddres: http://p, query: a, threshold: '1'",
            "triggers.0.metadata.serverAddres",
            "serverAddress",
        ),
        (
            KSERVE,
            "{predictor: {model: {storageURI: 's3://m'}}}",
            "predictor.model.storageURI",
            "storageUri",
        ),
        (KSERVE, "{predictor: {minReplica: 1}}", "predictor.minReplica", "minReplicas"),
        (
            ROLLOUT,
            "{strategy: {canary: {stableservice: a}}}",
            "strategy.canary.stableservice",
            "stableService",
        ),
        (ROLLOUT, "{strategy: {bluegreen: {}}}", "strategy.bluegreen", "blueGreen"),
        (SECRET, "{data: [{remoteref: {key: a}}]}", "data.0.remoteref", "remoteRef"),
        (
            APPLICATION,
            "{syncPolicy: {automated: {selfheal: true}}}",
            "syncPolicy.automated.selfheal",
            "selfHeal",
        ),
        (
            APPLICATIONS,
            "{template: {spec: {source: {repoUrl: a}}}}",
            "template.spec.source.repoUrl",
            "repoURL",
        ),
        (MONITOR, "{endpoint: []}", "endpoint", "endpoints"),
        (PODS, "{podMetricEndpoints: []}", "podMetricEndpoints", "podMetricsEndpoints"),
        (ROUTE, "{rules: [{backendRef: []}]}", "rules.0.backendRef", "backendRefs"),
        (GATEWAY, "{gatewayClassname: a}", "gatewayClassname", "gatewayClassName"),
        (CERTIFICATE, "{issueRef: {name: a}}", "issueRef", "issuerRef"),
    ],
)
def test_a_mistyped_name_is_told_with_the_one_that_was_meant(
    kind: tuple[str, str], spec: str, field: str, meant: str
) -> None:
    (found,) = judge(kind, spec)
    assert (found.rule, ".".join(map(str, found.field))) == ("custom-field", f"spec.{field}")
    assert found.message.endswith(f"did you mean '{meant}'?")
    typed = field.rpartition(".")[2].lower() if "type" not in field else "rabbitmq"
    same = typed == meant.lower()
    assert found.severity is (Severity.DENY if same else Severity.WARN)


@pytest.mark.parametrize(
    ("kind", "spec", "field", "expected"),
    [
        (VIRTUAL, "{http: [{route: [{weight: '90'}]}]}", "http.0.route.0.weight", "a whole number"),
        (
            VIRTUAL,
            "{tcp: [{route: [{destination: {port: {number: '80'}}}]}]}",
            "tcp.0.route.0.destination.port.number",
            "a whole number",
        ),
        (VIRTUAL, "{hosts: web}", "hosts", "a list"),
        (VIRTUAL, "{http: {route: []}}", "http", "a list"),
        (MONITOR, "{endpoints: [{port: 8080}]}", "endpoints.0.port", "text"),
        (MONITOR, "{endpoints: [{interval: 30}]}", "endpoints.0.interval", "text"),
        (SECRET, "{refreshInterval: 1hour}", "refreshInterval", "a duration such as"),
        (SECRET, "{refreshInterval: 1d}", "refreshInterval", "a duration such as"),
        (CERTIFICATE, "{duration: 90d}", "duration", "a duration such as"),
        (APPLICATION, "{source: {targetRevision: 1.10}}", "source.targetRevision", "text"),
        (
            APPLICATION,
            "{syncPolicy: {automated: {prune: 'true'}}}",
            "syncPolicy.automated.prune",
            "true or false",
        ),
        (APPLICATION, "{source: {helm: {values: {a: 1}}}}", "source.helm.values", "text"),
        (ROLLOUT, "{strategy: {canary: []}}", "strategy.canary", "a mapping"),
        (PEERS, "{mtls: {mode: strict}}", "mtls.mode", "one of 'UNSET'"),
        (SECRET, "{secretStoreRef: {kind: SecretStores}}", "secretStoreRef.kind", "'SecretStore'"),
        (
            SECRET,
            "{data: [{sourceRef: {storeRef: {kind: VaultStore}}}]}",
            "data.0.sourceRef.storeRef.kind",
            "'SecretStore' or 'ClusterSecretStore'",
        ),
        (KEDA, "{triggers: [{metricType: Average}]}", "triggers.0.metricType", "one of 'Average"),
        (JOB, "{triggers: [{metricType: value}]}", "triggers.0.metricType", "one of 'Average"),
        (FLUX, "{sourceRef: {kind: HelmRepository}}", "sourceRef.kind", "one of 'Bucket'"),
        (
            CHART,
            "{chart: {spec: {sourceRef: {kind: OCIRepository}}}}",
            "chart.spec.sourceRef.kind",
            "one of 'Bucket', 'GitRepository', 'HelmRepository'",
        ),
        (CHART, "{chartRef: {kind: HelmRepository}}", "chartRef.kind", "one of 'ExternalArtifact'"),
        (AUTHORIZATION, "{action: Allow}", "action", "one of 'ALLOW'"),
        (VIRTUAL, "{http: [{timeout: 5sec}]}", "http.0.timeout", "a duration such as"),
        (
            RAY,
            "{headGroupSpec: {rayStartParams: {num-cpus: 1}}}",
            "headGroupSpec.rayStartParams.num-cpus",
            "text",
        ),
        (
            TRAINING,
            "{pytorchReplicaSpecs: {Worker: {restartPolicy: onFailure}}}",
            "pytorchReplicaSpecs.Worker.restartPolicy",
            "one of 'Always'",
        ),
        (
            VERTICAL,
            "{updatePolicy: {updateMode: false}}",
            "updatePolicy.updateMode",
            "one of 'Off'",
        ),
        (LEADERS, "{leaderWorkerTemplate: {size: two}}", "leaderWorkerTemplate.size", "a whole"),
        (POOL, "{endpointPickerRef: {failureMode: fail}}", "endpointPickerRef.failureMode", ""),
        (KEDA, f"{BEHAVIOR % 'type: percent'}", f"{PLACE}.policies.0.type", "'Pods' or"),
        (SECRET, "{target: {creationPolicy: owner}}", "target.creationPolicy", "one of 'Owner'"),
        (GATEWAY, "{listeners: [{tls: {mode: terminate}}]}", "listeners.0.tls.mode", "'Terminate'"),
        (ANALYSIS, "{metrics: [{interval: 1min}]}", "metrics.0.interval", "a duration"),
        (
            KEDA,
            PROMETHEUS % "serverAddress: a, query: b, threshold: ten",
            "triggers.0.metadata.threshold",
            "a number",
        ),
        (FLUX, "{interval: 10min}", "interval", "a duration"),
        (KEDA, CRON % "0 25 * * *, end: 0 1 * * *, timezone: UTC", "triggers.0.metadata.start", ""),
        (
            KEDA,
            CRON % "'@daily', end: 0 1 * * *, timezone: UTC",
            "triggers.0.metadata.start",
            "five fields",
        ),
        (
            KEDA,
            CRON % "0 8 * * *, end: 0 9 * * *, timezone: Europe/Berln",
            "triggers.0.metadata.timezone",
            "a time zone",
        ),
    ],
)
def test_a_value_of_a_type_that_the_definition_refuses(
    kind: tuple[str, str], spec: str, field: str, expected: str
) -> None:
    (found,) = judge(kind, spec)
    assert (found.rule, found.severity) == ("custom-field", Severity.DENY)
    assert ".".join(map(str, found.field)) == f"spec.{field}"
    assert f"expected {expected}" in found.message


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (VIRTUAL, "{hosts: [a], http: [{route: [{weight: 90, destination: {host: a}}]}]}"),
        (VIRTUAL, "{http: [{mirror: {host: a}, mirror_percent: 5, mirrorPercentage: {value: 1}}]}"),
        (KEDA, "{triggers: [{type: external-new}, {type: redis}, {type: stan}, {type: s3}]}"),
        (KEDA, PROMETHEUS % "serverAddressFromEnv: P, query: a, metricName: a, threshold: '1.5'"),
        (KEDA, "{maxReplicaCount: 2.0, advanced: null}"),
        (KSERVE, "{predictor: {model: {storageUri: 's3://m'}, tolerations: [], nodeName: a}}"),
        (SECRET, "{refreshInterval: 1h30m, data: [{remoteRef: {key: a, nullBytePolicy: b}}]}"),
        (SECRET, "{secretStoreRef: {name: a}}"),
        (SECRET, "{secretStoreRef: {name: a, kind: ClusterSecretStore}}"),
        (SECRET, "{dataFrom: [{sourceRef: {generatorRef: {kind: Password, name: a}}}]}"),
        (SECRET, "{dataFrom: [{sourceRef: {storeRef: {kind: SecretStore, name: a}}}]}"),
        (KEDA, "{triggers: [{type: cpu, metadata: {value: '6'}}, {metricType: ''}]}"),
        (FLUX, "{sourceRef: {kind: OCIRepository, name: a}}"),
        (CHART, "{chart: {spec: {sourceRef: {kind: HelmRepository, name: a}}}}"),
        (CHART, "{chartRef: {kind: OCIRepository, name: a}}"),
        (CHART, "{chart: {spec: {sourceRef: {kind: '${KIND}'}}}}"),
        (SECRET, "{refreshInterval: '0', dataFrom: [{extract: {key: a}}]}"),
        (CERTIFICATE, "{duration: 2160h, renewBefore: 360h0m0s, dnsNames: [a]}"),
        (APPLICATION, "{source: {targetRevision: '1.10', helm: {values: 'a: 1'}}}"),
        (APPLICATIONS, "{template: {spec: {syncPolicy: {automated: {prune: '{{.prune}}'}}}}}"),
        (MONITOR, "{endpoints: [{targetPort: 8080}, {targetPort: http}, {port: http}]}"),
        (ROLLOUT, "{strategy: {canary: {maxSurge: 25%, maxUnavailable: 0}}, replicas: '${N}'}"),
        (ROUTE, "{rules: [{backendRefs: [{name: a, port: 80}], timeouts: {request: 5s}}]}"),
        (PEERS, "{mtls: {mode: '${MODE}'}, portLevelMtls: {}}"),
        (RUNTIME, "{supportedModelFormats: [{name: vLLM, autoSelect: true}], multiModel: false}"),
        (SECRET, "{syncWindows: {kind: allow, windows: []}}"),
        (ANALYSIS, "{metrics: [{interval: '{{args.interval}}', initialDelay: 1m30s}]}"),
        (VIRTUAL, "{http: [{timeout: 0s, retries: {perTryTimeout: 1.5s}}]}"),
        (RAY, "{headGroupSpec: {rayStartParams: {num-cpus: '1'}}}"),
        (TRAINING, "{pytorchReplicaSpecs: {Worker: {restartPolicy: ExitCode}}}"),
        (KEDA, CRON % "0 8 * * 1-5, end: 0 18 * * MON-FRI, timezone: Etc/UTC"),
        # Nobody's business: an unknown kind, and places that aren't known.
        (("acme.io/v1", "VirtualService"), "{host: [a]}"),
        (("serving.kserve.io/v1alpha2", "InferenceService"), "{default: {predictors: {}}}"),
    ],
)
def test_what_is_right_or_unsure_is_not_told(kind: tuple[str, str], spec: str) -> None:
    assert judge(kind, spec) == []


@pytest.mark.parametrize(
    ("kind", "spec", "field", "meant"),
    [
        (
            APPLICATION,
            "{syncPolicy: {automated: {selfHealing: true}}}",
            "syncPolicy.automated.selfHealing",
            "selfHeal",
        ),
        (APPLICATION, "{source: {repository: a}}", "source.repository", None),
        (APPLICATION, "{source: {helm: {value: 'a: b'}}}", "source.helm.value", "values"),
        (APPLICATION, "{syncPolicy: {prune: true}}", "syncPolicy.prune", None),
        (APPLICATIONS, "{generators: [{gits: {}}]}", "generators.0.gits", "git"),
        (PROJECT, "{sourceRepositories: [a]}", "sourceRepositories", "sourceRepos"),
        (ROLLOUT, "{strategy: {rollingUpdate: {}}}", "strategy.rollingUpdate", None),
        (FLUX, "{postBuild: {substitution: {}}}", "postBuild.substitution", "substitute"),
        (
            RULE,
            "{groups: [{rules: [{alert: a, expression: b}]}]}",
            "groups.0.rules.0.expression",
            None,
        ),
        (
            AUTHORIZATION,
            "{rules: [{to: [{operation: {path: [a]}}]}]}",
            "rules.0.to.0.operation.path",
            "paths",
        ),
        (RAY, "{workerGroupSpec: []}", "workerGroupSpec", "workerGroupSpecs"),
        (KNATIVE, "{traffic: [{weight: 10}]}", "traffic.0.weight", None),
        # A name that is there is no slip's origin.
        (VIRTUAL, "{http: [{route: [], routes: []}]}", "http.0.routes", None),
    ],
)
def test_a_name_that_is_far_from_every_known_one_is_a_warning(
    kind: tuple[str, str], spec: str, field: str, meant: str | None
) -> None:
    (found,) = judge(kind, spec)
    assert (found.severity, ".".join(map(str, found.field))) == (Severity.WARN, f"spec.{field}")
    said = f"is not a known field; did you mean '{meant}'?" if meant else "is not a known field"
    assert found.message.endswith(said)


@pytest.mark.parametrize(
    ("trigger", "missing"),
    [
        ("type: prometheus, metadata: {serverAddress: a, query: b}", ["threshold"]),
        ("type: prometheus, metadata: {serverAddress: a, treshold: '1'}", ["treshold", "query"]),
        ("type: memory, metadata: {}", ["value"]),
    ],
)
def test_what_a_trigger_cannot_be_without(trigger: str, missing: list[str]) -> None:
    assert [v.field[-1] for v in judge(KEDA, f"{{triggers: [{{{trigger}}}]}}")] == missing


@pytest.mark.parametrize(
    ("metadata", "field", "words"),
    [
        ("{start: 0 8 * * *, timezone: UTC, desiredReplicas: '1'}", "end", "is missing"),
        (
            "{start: 0 8 * * *, end: 0 8 * * *, timezone: UTC, desiredReplicas: '1'}",
            "end",
            "as start is",
        ),
    ],
)
def test_what_a_trigger_by_time_needs(metadata: str, field: str, words: str) -> None:
    (found,) = judge(KEDA, f"{{triggers: [{{type: cron, metadata: {metadata}}}]}}")
    assert (found.severity, found.field[-1]) == (Severity.DENY, field)
    assert words in found.message


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (("serving.kserve.io/v1", "InferenceService"), "expected 'serving.kserve.io/v1beta1' or"),
        (("keda.k8s.io/v1alpha1", "ScaledObject"), "the group is called keda.sh now"),
        (("argoproj.io/v1alpha1", "Aplication"), "did you mean 'Application'?"),
        (("argoproj.io/v1alpha1", "ApplicationSets"), "did you mean 'ApplicationSet'?"),
        (("monitoring.coreos.com/v1alpha1", "ScrapeConfig"), ""),
        (("serving.kserve.io/v1alpha1", "LLMInferenceService"), ""),
        (("serving.kserve.io/v1beta1", "ServingRuntime"), "'serving.kserve.io/v1alpha1'"),
        (("serving.kserve.io/v1alpha1", "LLMInferenceServiceConfig"), ""),
        (("external-secrets.io/v1", "ClusterExternalSecret"), ""),
        (("monitoring.coreos.com/v1", "PrometheusAgent"), ""),
        (("keda.k8s.io/v1alpha1", "Other"), ""),
        (("networking.istio.io/v1alpha3", "EnvoyFilter"), ""),
        (("cert-manager.io/v1", "CertificateRequest"), ""),
        (("kubeflow.org/v2beta1", "MPIJob"), ""),
    ],
)
def test_versions_groups_and_kinds_that_there_are_not(kind: tuple[str, str], words: str) -> None:
    found = judge(kind, "{}")
    assert [v.severity for v in found] == ([Severity.WARN] if words else [])
    assert all(words in v.message for v in found)


def test_a_name_beside_the_spec_is_told() -> None:
    data = yaml.safe_load(f"{{apiVersion: {KEDA[0]}, kind: {KEDA[1]}, triggers: [], spec: {{}}}}")
    (found,) = SCHEMAS.judge_inside(Manifest(identify(data), data), set())
    assert (found.field, found.severity) == (("triggers",), Severity.WARN)


def test_a_kind_with_a_definition_is_judged_by_that_alone() -> None:
    group, version = VIRTUAL[0].split("/")
    here = CustomKind(
        group, version, VIRTUAL[1], "virtualservices", {}, "Namespaced", Location("x")
    )
    assert judge(VIRTUAL, "{host: [a]}", Schemas("1.33", [here])) == []
