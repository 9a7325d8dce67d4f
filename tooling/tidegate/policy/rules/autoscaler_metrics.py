"""What autoscalers measure: resources that are measured at all, targets that fit their type, and
requests that a share can be a share of."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.rules.autoscalers import (
    AUTOSCALERS,
    HPA,
    MEASURED,
    Autoscaler,
    Metric,
    autoscalers,
    scaled,
)
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.pods import Container, Pods
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, listed, mapping, shown, text
from tidegate.policy.rules.spelling import nearest_name, suggestion

_VALUES = {
    "Utilization": "averageUtilization",
    "AverageValue": "averageValue",
    "Value": "value",
}
# Metric type → the target types that it can have.
_ALLOWED = {
    "Resource": ("Utilization", "AverageValue"),
    "ContainerResource": ("Utilization", "AverageValue"),
    "Pods": ("AverageValue",),
    "Object": ("Value", "AverageValue"),
    "External": ("Value", "AverageValue"),
}


def _judge_resource(inventory: Inventory) -> Iterator[Found]:
    for scaler in autoscalers(inventory):
        if scaler.manifest.id.kind != HPA:
            continue
        for metric in scaler.metrics:
            if metric.resource and metric.resource not in MEASURED:
                near = nearest_name(metric.resource, MEASURED)
                near = None if "gpu" in metric.resource else near  # which is no slip of cpu
                message = (
                    f"{title(scaler.manifest)} scales on the resource '{shown(metric.resource)}', "
                    f"and only cpu and memory are measured as resources"
                    f"{suggestion(near)}"
                )
                key = "resource" if metric.kind == "Resource" else "containerResource"
                yield Found(message, scaler.manifest.id, (*metric.path, key, "name"))


def _judge_target_type(inventory: Inventory) -> Iterator[Found]:
    for scaler in autoscalers(inventory):
        for metric in scaler.metrics:
            if scaler.manifest.id.kind != HPA:
                yield from _wrong_trigger(scaler, metric)
            elif metric.kind in _ALLOWED:
                yield from _wrong_target(scaler, metric)


def _wrong_target(scaler: Autoscaler, metric: Metric) -> Iterator[Found]:
    target = mapping(metric.data.get("target"))
    kind = text(target.get("type"))
    if kind not in _VALUES:
        return
    source = metric.kind[:1].lower() + metric.kind[1:]
    field: FieldPath = (*metric.path, source, "target", "type")
    allowed = _ALLOWED[metric.kind]
    start = f"{title(scaler.manifest)} has a {metric.kind} metric with a target of type {kind}"
    if kind not in allowed:
        message = f"{start}; such a metric takes {' or '.join(allowed)}"
        yield Found(message, scaler.manifest.id, field)
    elif target.get(_VALUES[kind]) is None:
        other = next((key for key in _VALUES.values() if target.get(key) is not None), None)
        given = f"sets {other}" if other else "sets no value"
        message = f"{start}, which goes with {_VALUES[kind]}, but {given}"
        yield Found(message, scaler.manifest.id, (*field[:-1], other) if other else field)


def _wrong_trigger(scaler: Autoscaler, metric: Metric) -> Iterator[Found]:
    kind = text(metric.data.get("metricType"))
    name = text(metric.data.get("type"))
    allowed = ("Utilization", "AverageValue") if metric.resource else ("AverageValue", "Value")
    if kind in _VALUES and kind not in allowed:
        message = (
            f"{title(scaler.manifest)} has a {shown(name)} trigger of metricType {kind}; "
            f"such a trigger takes {' or '.join(allowed)}"
        )
        yield Found(message, scaler.manifest.id, (*metric.path, "metricType"))


def _judge_requests(inventory: Inventory) -> Iterator[Found]:
    if any(_gives_defaults(m.data) for m in inventory.of("LimitRange")):
        return
    for scaler in autoscalers(inventory):
        pods = scaled(inventory, scaler)
        if pods is None or at(pods.spec, "resources", "requests") is not None:
            continue
        for resource, container in _shares(scaler):
            yield from _without_request(scaler, pods, resource, container)


def _shares(scaler: Autoscaler) -> list[tuple[str, str]]:
    """The resources, and containers, whose requests an autoscaler divides by."""
    shares = [(m.resource, m.container) for m in scaler.metrics if m.share]
    if scaler.manifest.id.kind == HPA and not scaler.metrics:
        shares.append(("cpu", ""))  # what an HPA without metrics scales on
    return [share for share in dict.fromkeys(shares) if share[0] in MEASURED]


def _without_request(
    scaler: Autoscaler, pods: Pods, resource: str, container: str
) -> Iterator[Found]:
    looked_at = [c for c in pods.running if not container or c.name == container]
    lacking = [c for c in looked_at if not _has(c, resource)]
    if not lacking:
        return
    names = listed([c.name for c in lacking])
    noun = "container" if len(lacking) == 1 else "containers"
    verb = "requests" if len(lacking) == 1 else "request"
    message = (
        f"{title(scaler.manifest)} scales on a share of the requested {resource}, but {noun} "
        f"{names} of {title(pods.owner)} {verb} none"
    )
    first = lacking[0]
    tail = ("resources",) if "resources" in first.data else ()
    yield Found(message, pods.owner.id, (*first.path, *tail))


def _has(container: Container, resource: str) -> bool:
    """A limit is a request where there is no other."""
    resources = mapping(container.data.get("resources"))
    return any(at(resources, key, resource) is not None for key in ("requests", "limits"))


def _gives_defaults(data: object) -> bool:
    return any(item.get("type") == "Container" for _, item in entries(data, "spec", "limits"))


def _judge_container(inventory: Inventory) -> Iterator[Found]:
    for scaler in autoscalers(inventory):
        named = [metric for metric in scaler.metrics if metric.container]
        pods = scaled(inventory, scaler) if named else None
        names = [c.name for c in pods.running] if pods else []
        for metric in named:
            if (
                pods is None
                or not pods.are_readable
                or metric.container in names
                or metric.container in _INJECTED
            ):
                continue
            hpa = scaler.manifest.id.kind == HPA
            message = (
                f"{title(scaler.manifest)} measures the container '{shown(metric.container)}', "
                f"which {title(pods.owner)} does not have"
                f"{suggestion(nearest_name(metric.container, names))}"
            )
            tail = ("containerResource", "container") if hpa else ("metadata", "containerName")
            yield Found(message, scaler.manifest.id, (*metric.path, *tail))


_INJECTED = frozenset({"istio-proxy", "linkerd-proxy", "daprd", "vault-agent", "cloud-sql-proxy"})

RESOURCE_METRIC = Rule(
    "autoscaler-resource-metric",
    Severity.DENY,
    "autoscaling",
    why="The resource metrics API has cpu and memory only: on any other the HPA never scales.",
    fix="Use a Pods or External metric, such as GPU utilisation from Prometheus.",
    link="https://kubernetes.io/docs/tasks/debug/debug-cluster/resource-metrics-pipeline/",
    judge=_judge_resource,
    about=frozenset({HPA}),
)
TARGET_TYPE = Rule(
    "autoscaler-target-type",
    Severity.DENY,
    "autoscaling",
    why="A target's type says which value is compared; with another value it means something else.",
    fix="Give averageUtilization with Utilization, averageValue with AverageValue.",
    link="https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/horizontal-pod-autoscaler-v2/",
    judge=_judge_target_type,
    about=AUTOSCALERS,
)
AUTOSCALER_REQUESTS = Rule(
    "autoscaler-requests",
    Severity.DENY,
    "autoscaling",
    why="Without a request in every container there is nothing to take a share of: no scaling.",
    fix="Set resources.requests of that resource on every container, sidecars too.",
    link="https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#support-for-resource-metrics",
    judge=_judge_requests,
    about=AUTOSCALERS,
)
AUTOSCALER_CONTAINER = Rule(
    "autoscaler-container",
    Severity.DENY,
    "autoscaling",
    why="A metric of a container that no pod has is never there, and so nothing scales.",
    fix="Name one of the workload's containers.",
    link="https://kubernetes.io/docs/concepts/workloads/autoscaling/horizontal-pod-autoscale/#container-resource-metrics",
    judge=_judge_container,
    about=AUTOSCALERS,
)
