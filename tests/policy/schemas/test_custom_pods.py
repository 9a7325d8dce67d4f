"""Custom kinds of model serving, with no definition of theirs at hand: the pods in them, and what
their controllers refuse."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import Manifest, identify
from tidegate.policy.schemas.cluster import Schemas

SCHEMAS = Schemas("1.33")
CONTAINER = "{name: c, image: x, resources: {requests: {cpu: %s}}}"


def judge(api: str, kind: str, spec: str, name: str = "a") -> list[Violation]:
    text = f"{{apiVersion: {api}, kind: {kind}, metadata: {{name: {name}}}, spec: {spec}}}"
    data = yaml.safe_load(text)
    return judge_object(data)


def judge_object(data: dict[str, Any]) -> list[Violation]:
    manifest = Manifest(identify(data), data)
    server = list(SCHEMAS.judge(manifest))
    return [*server, *SCHEMAS.judge_inside(manifest, {found.field for found in server})]


PODS = f"{{spec: {{containers: [{CONTAINER}]}}}}"
# apiVersion, kind, spec, and where its container's CPU is.
HOLDERS = [
    ("argoproj.io/v1alpha1", "Rollout", f"{{template: {PODS}}}", "spec.template.spec"),
    (
        "keda.sh/v1alpha1",
        "ScaledJob",
        f"{{jobTargetRef: {{template: {PODS}}}}}",
        "spec.jobTargetRef.template.spec",
    ),
    (
        "ray.io/v1",
        "RayService",
        f"{{rayClusterConfig: {{workerGroupSpecs: [{{template: {PODS}}}]}}}}",
        "spec.rayClusterConfig.workerGroupSpecs.0.template.spec",
    ),
    (
        "kubeflow.org/v1",
        "PyTorchJob",
        f"{{pytorchReplicaSpecs: {{Worker: {{template: {PODS}}}}}}}".replace(": c,", ": pytorch,"),
        "spec.pytorchReplicaSpecs.Worker.template.spec",
    ),
    ("serving.knative.dev/v1", "Service", f"{{template: {PODS}}}", "spec.template.spec"),
    (
        "leaderworkerset.x-k8s.io/v1",
        "LeaderWorkerSet",
        f"{{leaderWorkerTemplate: {{workerTemplate: {PODS}}}}}",
        "spec.leaderWorkerTemplate.workerTemplate.spec",
    ),
    (
        "jobset.x-k8s.io/v1alpha2",
        "JobSet",
        f"{{replicatedJobs: [{{template: {{spec: {{template: {PODS}}}}}}}]}}",
        "spec.replicatedJobs.0.template.spec.template.spec",
    ),
    (
        "serving.kserve.io/v1alpha1",
        "LLMInferenceService",
        f"{{template: {{containers: [{CONTAINER}]}}}}",
        "spec.template",
    ),
    (
        "serving.kserve.io/v1beta1",
        "InferenceService",
        f"{{predictor: {{containers: [{CONTAINER}]}}}}",
        "spec.predictor",
    ),
]


@pytest.mark.parametrize(("api", "kind", "spec", "place"), HOLDERS)
def test_pods_in_custom_kinds_are_held_against_kubernetes_own_schema(
    api: str, kind: str, spec: str, place: str
) -> None:
    assert judge(api, kind, spec % "100m") == []
    (found,) = judge(api, kind, spec % "100ms")
    where = f"{place}.containers.0.resources.requests.cpu"
    assert (found.rule, ".".join(map(str, found.field))) == ("syntax", where)


def test_what_only_the_controller_knows_of_a_container_is_left_to_it() -> None:
    model = "{modelFormat: {name: sklearn}, runtime: r, resources: {limits: {nvidia.com/gpu: %s}}}"
    slip = "{predictor: {containers: [{name: kserve-container, imgae: a}]}}"
    spec = f"{{predictor: {{model: {model}, containers: [{{name: kserve-container}}]}}}}"
    assert judge("serving.kserve.io/v1beta1", "InferenceService", spec % 1) == []
    (found,) = judge("serving.kserve.io/v1beta1", "InferenceService", spec % 0.5)
    assert found.field[:4] == ("spec", "predictor", "model", "resources")
    (found,) = judge("serving.kserve.io/v1beta1", "InferenceService", slip)
    assert (found.rule, found.field[-1]) == ("schema", "imgae")
    knative = "{template: {spec: {containerConcurrency: 1, containers: [{image: x}, {image: y}]}}}"
    assert judge("serving.knative.dev/v1", "Service", knative) == []
    assert judge("argoproj.io/v1alpha1", "Rollout", "{workloadRef: {kind: Deployment}}") == []


@pytest.mark.parametrize(
    ("api", "kind", "spec", "given"),
    [
        ("ray.io/v1", "RayCluster", "{headGroupSpec: {template: %s}}", "ray-token"),
        ("ray.io/v1", "RayJob", "{rayClusterSpec: {headGroupSpec: {template: %s}}}", "shared-mem"),
        ("kubeflow.org/v2beta1", "MPIJob", "{mpiReplicaSpecs: {Launcher: {template: %s}}}",
         "ssh-auth"),
        ("apps.kruise.io/v1alpha1", "CloneSet",
         "{template: %s, volumeClaimTemplates: [{metadata: {name: work}}]}", "work"),
        ("argoproj.io/v1alpha1", "Rollout", "{template: %s}", None),
    ],
)  # fmt: skip
@pytest.mark.parametrize("volumes", ["", ", volumes: [{name: own, emptyDir: {}}]"])
def test_volumes_that_a_controller_gives_may_be_mounted(
    api: str, kind: str, spec: str, given: str | None, volumes: str
) -> None:
    mounts = "volumeMounts: [{name: %s, mountPath: /v}]"
    pods = f"{{spec: {{containers: [{{name: c, image: x, {mounts}}}]{volumes}}}}}"
    if given:
        assert judge(api, kind, spec % (pods % given)) == []
    (found,) = judge(api, kind, spec % (pods % "other"))
    assert "is 'other', and the pod has no such volume" in found.message


KEDA = ("keda.sh/v1alpha1", "ScaledObject")
ROLLOUT = ("argoproj.io/v1alpha1", "Rollout")
KSERVE = ("serving.kserve.io/v1beta1", "InferenceService")
SELDON = ("machinelearning.seldon.io/v1", "SeldonDeployment")
STEP = "{strategy: {canary: {steps: [%s]}}}"
MODEL = "{predictor: {model: {storageUri: %s}}}"


@pytest.mark.parametrize(
    ("kind", "spec", "message"),
    [
        (KEDA, "{minReplicaCount: 9, maxReplicaCount: 3}", "is 9; expected at most"),
        (KEDA, "{minReplicaCount: 101}", "at most maxReplicaCount, 100"),
        (KEDA, "{idleReplicaCount: 0}", "less than minReplicaCount, 0"),
        (KEDA, "{minReplicaCount: 2, idleReplicaCount: 2}", "less than minReplicaCount, 2"),
        (KEDA, "{triggers: [{metadata: {lagThreshold: 50}}]}", "lagThreshold is 50; expected text"),
        (ROLLOUT, STEP % "{setWeight: 110}", "steps[0].setWeight is 110; expected a number from 0"),
        (ROLLOUT, STEP % "{pause: {duration: 1 hour}}", "is '1 hour'; expected seconds, or a"),
        (ROLLOUT, "{strategy: {canary: {}, blueGreen: {}}}", "is set beside canary"),
        (KSERVE, "{predictor: {minReplicas: 5, maxReplicas: 3}}", "at most maxReplicas, 3"),
        (KSERVE, "{predictor: {canaryTrafficPercent: 110}}", "a number from 0 to 100"),
        (KSERVE, MODEL % "s4://m", "is 's4://m'; expected one of 'gs://', 's3://'"),
        (KSERVE, MODEL % "pvc:///m", "expected the claim's name after pvc://"),
        (SELDON, "{predictors: [{traffic: 90}, {traffic: 20}]}", "makes 110 of 100 in all (90 +"),
    ],
)
def test_what_a_controller_refuses(kind: tuple[str, str], spec: str, message: str) -> None:
    (found,) = judge(*kind, spec)
    assert found.rule == "syntax"
    assert message in found.message


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (KEDA, "{minReplicaCount: 1, idleReplicaCount: 0}"),
        (KEDA, "{minReplicaCount: 0, idleReplicaCount: 0}"),
        (KEDA, "{minReplicaCount: 0, triggers: [{metadata: {lagThreshold: '50', none: null}}]}"),
        (ROLLOUT, STEP % "{setWeight: 0}, {pause: {}}, {pause: {duration: 90}}"),
        (ROLLOUT, STEP % "{pause: {duration: '90'}}, {pause: {duration: 1h30m}}"),
        (
            ROLLOUT,
            "{strategy: {canary: {trafficRouting: {maxTrafficWeight: 1000}, "
            "steps: [{setWeight: 500}]}}}",
        ),
        (KSERVE, "{predictor: {minReplicas: 5, maxReplicas: 0, canaryTrafficPercent: 100}}"),
        *(
            (KSERVE, MODEL % uri)
            for uri in ("gs://m", "pvc://claim/m", "oci+native://a/b", "/mnt/m")
        ),
        (SELDON, "{predictors: [{traffic: 90}, {traffic: 10}]}"),
        (SELDON, "{predictors: [{name: only}]}"),
        (SELDON, "{predictors: [{traffic: 100}, {traffic: 50, shadow: true}]}"),
    ],
)
def test_what_a_controller_takes(kind: tuple[str, str], spec: str) -> None:
    assert judge(*kind, spec) == []


def test_an_inference_service_needs_a_name_for_hosts() -> None:
    (found,) = judge(*KSERVE, "{}", name="Iris_Model")
    assert (found.field, found.severity) == (("metadata", "name"), Severity.DENY)


KNATIVE = ("serving.knative.dev/v1", "Service")
WORKFLOW = ("argoproj.io/v1alpha1", "Workflow")
MONITOR = ("monitoring.coreos.com/v1", "ServiceMonitor")
RULES = ("monitoring.coreos.com/v1", "PrometheusRule")
TEMPLATE = (
    "{entrypoint: %s, templates: [{name: train, container: {resources: {limits: {cpu: %s}}}}]}"
)
CRON = ("argoproj.io/v1alpha1", "CronWorkflow")
TASKS = (
    "{templates: [{name: main, dag: {tasks: [{name: prep, template: train}, "
    "{name: train, template: %s, dependencies: [%s]}]}}, {name: train}]}"
)
STEPS = "{templates: [{name: main, steps: [[{name: a, template: %s}]]}, {name: train}]}"
PORTS = "{template: {spec: {containers: [{image: x, ports: [%s]}]}}}"
SCALE = (
    "{template: {metadata: {annotations: {autoscaling.knative.dev/min-scale: '%s', "
    "autoscaling.knative.dev/max-scale: '%s'}}}}"
)
ROUTE = ("gateway.networking.k8s.io/v1", "HTTPRoute")
GRPC = ("gateway.networking.k8s.io/v1", "GRPCRoute")
MATCH = "{rules: [{matches: [{path: {%s}}]}]}"
BACKEND = "{rules: [{backendRefs: [{%s}]}]}"
ALERT = "{groups: [{rules: [{alert: a, expr: up, for: %s}]}]}"


@pytest.mark.parametrize(
    ("kind", "spec", "field"),
    [
        (KNATIVE, "{traffic: [{percent: 90}, {percent: 20}]}", "traffic.1.percent"),
        (
            KNATIVE,
            "{template: {metadata: {annotations: {autoscaling.knative.dev/target: 10}}}}",
            "template.metadata.annotations.autoscaling.knative.dev/target",
        ),
        (WORKFLOW, TEMPLATE % ("trian", 1), "entrypoint"),
        (WORKFLOW, TEMPLATE % ("train", "1 GB"), "templates.0.container.resources.limits.cpu"),
        (WORKFLOW, TASKS % ("trian", "prep"), "templates.0.dag.tasks.1.template"),
        (WORKFLOW, TASKS % ("train", "perp"), "templates.0.dag.tasks.1.dependencies.0"),
        (WORKFLOW, STEPS % "trian", "templates.0.steps.0.0.template"),
        (CRON, "{schedules: [0 4 * * *, 0 24 * * *]}", "schedules.1"),
        (CRON, "{schedule: 0 4 * * *, concurrencyPolicy: replace}", "concurrencyPolicy"),
        (
            KNATIVE,
            PORTS % "{name: http, containerPort: 80}",
            "template.spec.containers.0.ports.0.name",
        ),
        (
            KNATIVE,
            PORTS % "{containerPort: 80}, {containerPort: 81}",
            "template.spec.containers.0.ports.1",
        ),
        (
            KNATIVE,
            SCALE % ("20", "3"),
            "template.metadata.annotations.autoscaling.knative.dev/min-scale",
        ),
        (ROUTE, BACKEND % "name: llama, kind: InferencePool", "rules.0.backendRefs.0.group"),
        (MONITOR, "{endpoints: [{interval: 15 seconds}]}", "endpoints.0.interval"),
        (MONITOR, "{endpoints: [{interval: 15}]}", "endpoints.0.interval"),
        (MONITOR, "{endpoints: [{interval: 30s, scrapeTimeout: 1m}]}", "endpoints.0.scrapeTimeout"),
        (RULES, ALERT % "1m5", "groups.0.rules.0.for"),
        (ROUTE, MATCH % "type: Prefix, value: /", "rules.0.matches.0.path.type"),
        (ROUTE, BACKEND % "name: web", "rules.0.backendRefs.0.port"),
        (GRPC, BACKEND % "name: web, kind: Service, group: ''", "rules.0.backendRefs.0.port"),
        (
            ROUTE,
            "{rules: [{filters: [{requestMirror: {backendRef: {name: web}}}]}]}",
            "rules.0.filters.0.requestMirror.backendRef.port",
        ),
    ],
)
def test_what_surrounds_models_is_looked_at_too(
    kind: tuple[str, str], spec: str, field: str
) -> None:
    (found,) = judge(*kind, spec)
    assert ".".join(map(str, found.field)) == f"spec.{field}"


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (WORKFLOW, TASKS % ("train", "prep")),
        (WORKFLOW, STEPS % "'{{inputs.parameters.next}}'"),
        (CRON, "{schedule: CRON_TZ=Asia/Tokyo 0 4 * * *, concurrencyPolicy: Replace}"),
        (KNATIVE, PORTS % "{name: h2c, containerPort: 80}"),
        (KNATIVE, SCALE % ("1", "0")),
        (KNATIVE, "{traffic: [{latestRevision: true, percent: 100}, {tag: old, percent: 0}]}"),
        (KNATIVE, "{template: {metadata: {annotations: {autoscaling.knative.dev/target: '10'}}}}"),
        (WORKFLOW, TEMPLATE % ("train", "'{{inputs.parameters.cpu}}'")),
        (WORKFLOW, "{entrypoint: elsewhere, workflowTemplateRef: {name: t}}"),
        *((MONITOR, f"{{endpoints: [{{interval: {time}}}]}}") for time in ("15s", "1h30m", "'0'")),
        (MONITOR, "{endpoints: [{interval: 1m, scrapeTimeout: 60s}, {scrapeTimeout: 1h}]}"),
        (RULES, ALERT % "1d"),
        (ROUTE, MATCH % "type: PathPrefix, value: /"),
        (ROUTE, MATCH % "value: /"),
        (ROUTE, BACKEND % "name: web, port: 80"),
        (ROUTE, BACKEND % "name: api, kind: ServiceImport, group: multicluster.x-k8s.io"),
        (GRPC, "{rules: [{filters: [{type: RequestHeaderModifier}]}]}"),
    ],
)
def test_what_surrounds_models_and_is_right(kind: tuple[str, str], spec: str) -> None:
    assert judge(*kind, spec) == []


def test_metadata_is_text_whatever_the_kind() -> None:
    metadata = "{name: a, labels: {b: 1}, annotations: {c: true, d: 1.10, e: 1.0e+3}}"
    data = yaml.safe_load(f"{{apiVersion: a.io/v1, kind: A, metadata: {metadata}}}")
    found = judge_object(data)
    assert [(v.field[1:], v.fix) for v in found] == [
        (("labels", "b"), 'put it in quotes: "1"'),
        (("annotations", "c"), 'put it in quotes: "true"'),
        (("annotations", "d"), "put it in quotes, as it is written"),
        (("annotations", "e"), "put it in quotes, as it is written"),
    ]
    assert found[-1].message == "metadata.annotations.e is 1000; expected text"


POD = ("v1", "Pod")


def test_ports_of_the_node_are_had_once() -> None:
    port = "{containerPort: %d, hostPort: 80, protocol: %s}"
    spec = "{containers: [{name: a, image: x, ports: [%s]}, {name: b, image: x, ports: [%s]}]}"
    assert judge(*POD, spec % (port % (1, "TCP"), port % (2, "UDP"))) == []
    (found,) = judge(*POD, spec % (port % (1, "TCP"), port % (2, "TCP")))
    assert found.field == ("spec", "containers", 1, "ports", 0, "hostPort")


def test_ports_of_nodes_and_types_of_policies() -> None:
    (found,) = judge("v1", "Service", "{type: NodePort, ports: [{port: 80, nodePort: 8080}]}")
    assert (found.severity, found.field[-1]) == (Severity.WARN, "nodePort")
    policy = ("networking.k8s.io/v1", "NetworkPolicy")
    (found,) = judge(*policy, "{podSelector: {}, policyTypes: [Egress, ingress]}")
    assert found.field == ("spec", "policyTypes", 1)
    assert "did you mean 'Ingress'?" in found.message


def test_devices_that_the_whole_pod_claims_are_left_to_the_controller() -> None:
    spec = (
        "{predictor: {resourceClaims: [{name: gpu, resourceClaimName: a}],"
        " containers: [{name: c, resources: {claims: [{name: gpu}]}}]}}"
    )
    text = f"{{apiVersion: {KSERVE[0]}, kind: {KSERVE[1]}, metadata: {{name: a}}, spec: {spec}}}"
    data = yaml.safe_load(text)
    assert list(Schemas("1.36").judge_inside(Manifest(identify(data), data), set())) == []
