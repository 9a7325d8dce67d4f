"""Workloads in themselves: probes, mounts and selectors agree with what is beside them."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.kinds import TEMPLATES
from tidegate.policy.rules.labels import selector_of
from tidegate.policy.rules.pods import Container, Pods
from tidegate.policy.rules.references import absent, title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.selection import nearest_pair, selects_nothing
from tidegate.policy.rules.services import SERVICE
from tidegate.policy.rules.shapes import at, entries, integer, listed, mapping, shown, text
from tidegate.policy.rules.spelling import is_slip, nearest_name, port_hint, suggestion
from tidegate.policy.rules.told_ports import is_told

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("postStart", "preStop")
_ACTIONS = ("httpGet", "tcpSocket")
# Where programs say how they are without being told to, and nobody declares it: those made with
# controller-runtime, Envoy, Istio's and Linkerd's proxies, the Ingress controllers of nginx and
# AWS, Elasticsearch, OpenTelemetry's collector.
_HEALTH = frozenset({8081, 9901, 15020, 15021, 4191, 10254, 61779, 9200, 13133})
# The same of programs whose ports mean other things elsewhere, by the name of the image.
_HEALTH_OF = {"coredns": frozenset({8080, 8181}), "k8s-dns-node-cache": frozenset({8080})}


def _judge_probe(inventory: Inventory) -> Iterator[Found]:
    for pods in inventory.pods:
        for container in pods.containers:
            for probe in _PROBES:
                if probe in container.data:
                    yield from _port(pods, container, (probe,))
                    yield from _undeclared(inventory, pods, container, probe)
            if "lifecycle" in container.data:
                for hook in _HOOKS:
                    yield from _port(pods, container, ("lifecycle", hook))


def _port(pods: Pods, container: Container, where: tuple[str, ...]) -> Iterator[Found]:
    handler = at(container.data, *where)
    for action in _ACTIONS:
        port = at(handler, action, "port")
        if not isinstance(port, str) or not port or port.isdigit():
            continue
        names = [known.name for known in container.ports if known.name]
        if port in names or not container.is_readable:
            continue
        what = where[-1] if where[-1] in _PROBES else f"{where[-1]} hook"
        message = (
            f"{title(pods.owner)} has a {what} on the port '{shown(port)}', which its container "
            f"{shown(container.name)} does not have{port_hint(port, names)}"
        )
        yield Found(message, pods.owner.id, (*container.path, *where, action, "port"))


def _undeclared(
    inventory: Inventory, pods: Pods, container: Container, probe: str
) -> Iterator[Found]:
    """A number that no container of the pod declares, though this one declares others than for
    metrics, and that no program is told: what is declared is for people, so this is never
    certain."""
    ports = [port for port in container.ports if port.protocol == "TCP"]
    if all("metrics" in port.name for port in ports) or not container.is_readable:
        return
    declared = [*dict.fromkeys(shown(port.number) for port in ports)]
    everywhere = {port.number for other in pods.containers for port in other.ports}
    for action in _ACTIONS:
        number = _number(at(container.data, probe, action, "port"))
        if number is None or number in everywhere or number in _HEALTH:
            continue
        if number in _HEALTH_OF.get(_program(container), ()):
            continue
        if is_told(inventory, pods, number):
            continue
        message = (
            f"{title(pods.owner)} has a {probe} on port {number}, and its container "
            f"{shown(container.name)} declares {listed(declared)}"
        )
        yield Found(message, pods.owner.id, (*container.path, probe, action, "port"), certain=False)


def _program(container: Container) -> str:
    """The last part of the image's name, without tag and digest."""
    return text(container.data.get("image")).rpartition("/")[2].partition("@")[0].partition(":")[0]


def _number(value: object) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 5:
        return int(value)
    return integer(value)


def _judge_mount(inventory: Inventory) -> Iterator[Found]:
    for pods in inventory.pods:
        if not any("volumeMounts" in container.data for container in pods.containers):
            continue
        names = [text(volume.get("name")) for _, volume in entries(pods.spec, "volumes")]
        for _, claim in entries(pods.owner.data, "spec", "volumeClaimTemplates"):
            names.append(text(at(claim, "metadata", "name")))
        for container in pods.containers:
            if "image" not in container.data:
                continue  # a patch, not a workload
            for index, mount in entries(container.data, "volumeMounts"):
                name = text(mount.get("name"))
                if not name or name in names:
                    continue
                message = (
                    f"{title(pods.owner)} mounts the volume '{shown(name)}' into its container "
                    f"{shown(container.name)}, and has no such volume"
                    f"{suggestion(nearest_name(name, names))}"
                )
                path = (*container.path, "volumeMounts", index, "name")
                yield Found(message, pods.owner.id, path)


_SELECTING = frozenset({"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Rollout"})


def _judge_selector(inventory: Inventory) -> Iterator[Found]:
    for pods in inventory.pods:
        if pods.kind not in _SELECTING:
            continue
        selector = selector_of(at(pods.owner.data, "spec", "selector"))
        if selector is None or selector.matches(pods.labels):
            continue
        near = nearest_pair(selector, [pods.labels])
        hint = f"; did you mean {shown(near[0][0])}={shown(near[0][1])}?" if near else ""
        message = (
            f"{title(pods.owner)} selects pods with {selector}, which its own template does not "
            f"have{hint}"
        )
        field: tuple[str, ...] = ("spec", "selector", "matchLabels")
        missing = [k for k, v in selector.pairs if pods.labels.get(k) != v]
        path = (*field, missing[0]) if missing else field[:2]
        yield Found(message, pods.owner.id, path)


def _judge_service_name(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of("StatefulSet"):
        name = text(at(manifest.data, "spec", "serviceName"))
        field = ("spec", "serviceName")
        found = absent(inventory, manifest, field, SERVICE, name, doing="is governed by")
        if found:
            yield found


def _judge_spread(inventory: Inventory) -> Iterator[Found]:
    for pods in inventory.pods:
        for index, item in entries(pods.spec, "topologySpreadConstraints"):
            selector = selector_of(item.get("labelSelector"))
            if selector is None or selector.is_empty or selector.matches(pods.labels):
                continue
            path = (*pods.spec_path, "topologySpreadConstraints", index, "labelSelector")
            near = nearest_pair(selector, [pods.labels])
            hint = f"; did you mean {shown(near[0][0])}={shown(near[0][1])}?" if near else ""
            message = (
                f"{title(pods.owner)} spreads over pods with {selector}, which its own pods are "
                f"not{hint}"
            )
            # A constraint may be about the pods of a neighbour, to stay away from them.
            if not inventory.select(selector, pods.owner.id.namespace):
                yield Found(message, pods.owner.id, path)
        yield from _repulsion(inventory, pods)


def _repulsion(inventory: Inventory, pods: Pods) -> Iterator[Found]:
    """Anti-affinity to pods that aren't in the overlay may be meant so; not where the label is
    surely the pods' own, mistyped."""
    terms = mapping(at(pods.spec, "affinity", "podAntiAffinity"))
    start = (*pods.spec_path, "affinity", "podAntiAffinity")
    for key, inner in (
        ("requiredDuringSchedulingIgnoredDuringExecution", ()),
        ("preferredDuringSchedulingIgnoredDuringExecution", ("podAffinityTerm",)),
    ):
        for index, item in entries(terms, key):
            term = mapping(at(item, *inner))
            selector = selector_of(term.get("labelSelector"))
            if selector is None or selector.is_empty or "namespaceSelector" in term:
                continue
            if inventory.select(selector, pods.owner.id.namespace):
                continue
            own = {k: pods.labels.get(k, "") for k, _ in selector.pairs}
            near = [(k, v) for k, v in selector.pairs if is_slip(v, own[k])]
            if near and not term.get("namespaces") and not inventory.has_unknown_pods:
                meant = f"{shown(near[0][0])}={shown(own[near[0][0]])}"
                message = (
                    f"{title(pods.owner)} keeps away from pods with {selector}, which no pod of "
                    f"this overlay has; did you mean {meant}?"
                )
                yield Found(message, pods.owner.id, (*start, key, index, *inner, "labelSelector"))


def _judge_network_policy(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of("NetworkPolicy", groups=frozenset({"networking.k8s.io"})):
        selector = selector_of(at(manifest.data, "spec", "podSelector"))
        field = ("spec", "podSelector", "matchLabels")
        found = selects_nothing(inventory, manifest, selector, field, doing="guards")
        if found:
            yield found
    for manifest in inventory.of(*_MESH_POLICIES, groups=frozenset({"security.istio.io"})):
        if manifest.id.namespace == _MESH_ROOT:
            continue  # there it means pods of every namespace
        selector = selector_of(at(manifest.data, "spec", "selector"))
        field = ("spec", "selector", "matchLabels")
        found = selects_nothing(inventory, manifest, selector, field, doing="guards")
        if found:
            yield found


_MESH_POLICIES = ("AuthorizationPolicy", "PeerAuthentication", "RequestAuthentication")
_MESH_ROOT = "istio-system"
_PODS = frozenset(TEMPLATES)

PROBE_PORT = Rule(
    "probe-port",
    Severity.DENY,
    "availability",
    why="A probe on a port that the container doesn't have fails always, and the pod never works.",
    fix="Name one of the container's own ports, or declare the one that it listens on.",
    link="https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#use-a-named-port",
    judge=_judge_probe,
    about=_PODS,
)
VOLUME_MOUNT = Rule(
    "volume-mount",
    Severity.DENY,
    "configuration",
    why="The API server refuses a pod that mounts a volume which it doesn't have.",
    fix="Add the volume under spec.volumes, or name one that is there.",
    link="https://kubernetes.io/docs/concepts/storage/volumes/",
    judge=_judge_mount,
    about=_PODS,
)
WORKLOAD_SELECTOR = Rule(
    "workload-selector",
    Severity.DENY,
    "configuration",
    why="The API server refuses a workload whose selector doesn't mean its own pods.",
    fix="Give the selector labels of the pod template.",
    link="https://kubernetes.io/docs/concepts/workloads/controllers/deployment/#selector",
    judge=_judge_selector,
    about=_SELECTING,
)
STATEFULSET_SERVICE = Rule(
    "statefulset-service",
    Severity.DENY,
    "network",
    why="Without its Service the pods of a StatefulSet have no names in DNS.",
    fix="Add a headless Service of that name.",
    link="https://kubernetes.io/docs/concepts/workloads/controllers/statefulset/#stable-network-id",
    judge=_judge_service_name,
    about=frozenset({"StatefulSet"}),
)
SPREAD_SELECTOR = Rule(
    "spread-selector",
    Severity.WARN,
    "availability",
    why="A constraint that means no pods spreads nothing: all may land on one node.",
    fix="Give the constraint's selector the labels of the pod template.",
    link="https://kubernetes.io/docs/concepts/scheduling-eviction/topology-spread-constraints/",
    judge=_judge_spread,
    about=_PODS,
)
NETWORK_POLICY_TARGET = Rule(
    "networkpolicy-target",
    Severity.WARN,
    "network",
    why="A policy that means no pods guards none.",
    fix="Give the policy's podSelector the labels of the pod template.",
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    judge=_judge_network_policy,
    about=frozenset({"NetworkPolicy", *_MESH_POLICIES}),
)
