"""Services: they select some pods, and their target ports are ports of these pods."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.index import Labelled, Places
from tidegate.policy.rules.inventory import Inventory, metadata_labels
from tidegate.policy.rules.labels import Selector, plain_selector
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.selection import selects_nothing
from tidegate.policy.rules.shapes import at, entries, integer, shown, text
from tidegate.policy.rules.spelling import port_hint
from tidegate.policy.rules.told_ports import is_told

SERVICE = "Service"
_CORE = frozenset({""})
_SYSTEM = "kube-system"
_DEFAULT = "default"  # where an object lands that says nothing
# Ports of containers that are added to pods on their way into the cluster.
INJECTED_PORTS = frozenset(
    {
        *("http-envoy-prom", "linkerd-admin", "linkerd-proxy"),
        *("dapr-grpc", "dapr-http", "dapr-internal", "dapr-metrics"),
    }
)


def services(inventory: Inventory) -> list[tuple[Manifest, Selector | None]]:
    """Kubernetes' own Services of the overlay, each with its selector."""
    return inventory.once("services", _services)


def _services(inventory: Inventory) -> list[tuple[Manifest, Selector | None]]:
    found = []
    for manifest in inventory.of(SERVICE, groups=_CORE):
        spec = at(manifest.data, "spec")
        external = at(spec, "type") == "ExternalName"
        found.append((manifest, None if external else plain_selector(at(spec, "selector"))))
    return found


def select_services(
    inventory: Inventory, selector: Selector, namespace: str
) -> tuple[Manifest, ...]:
    """The Services that a selector in a namespace means, by their own labels."""
    return inventory.once("labelled services", _labelled).select(selector, namespace)


def _labelled(inventory: Inventory) -> Labelled[Manifest]:
    return Labelled((s.id.namespace, metadata_labels(s), s) for s, _ in services(inventory))


def services_at(inventory: Inventory, namespace: str) -> tuple[Manifest, ...]:
    """The Services of a namespace, and those of which nobody wrote where they are."""
    return inventory.once("services by place", _by_place).at(namespace)


def _by_place(inventory: Inventory) -> Places[Manifest]:
    places: Places[Manifest] = Places()
    for service, _ in services(inventory):
        places.add(service.id.namespace, service)
    return places


class Meant:
    """The pods that a selector means, and what they declare together."""

    def __init__(self, pods: tuple[Pods, ...]) -> None:
        self.pods = pods

    @cached_property
    def are_readable(self) -> bool:
        """Whether all of them have containers that can be read."""
        return all(pods.are_readable for pods in self.pods)

    @cached_property
    def named(self) -> Mapping[str, frozenset[str]]:
        """The protocols of each port with a name."""
        found: dict[str, frozenset[str]] = {}
        for port in (port for pods in self.pods for port in pods.ports if port.name):
            found[port.name] = found.get(port.name, frozenset()) | {port.protocol}
        return found

    @cached_property
    def numbers(self) -> frozenset[int | None]:
        """The numbers of all ports; none where a container keeps its ports to itself."""
        if any(container.ports == () for pods in self.pods for container in pods.running):
            return frozenset()
        return frozenset(port.number for pods in self.pods for port in pods.ports)


def select_pods(inventory: Inventory, selector: Selector, namespace: str) -> Meant:
    """The pods that a selector in a namespace means, looked at once however many ask."""
    known: dict[tuple[str, Selector], Meant] = inventory.once("meant", lambda _: {})
    key = (namespace, selector)
    if key not in known:
        known[key] = Meant(inventory.select(selector, namespace))
    return known[key]


def _judge_selector(inventory: Inventory) -> Iterator[Found]:
    for manifest, selector in services(inventory):
        field = ("spec", "selector")
        found = selects_nothing(inventory, manifest, selector, field)
        if found and found.field == field and manifest.id.namespace == _SYSTEM:
            continue  # whoever made the cluster made pods there: its DNS, scheduler, etcd
        if found:
            yield found
        elif selector and not inventory.is_whole:
            yield from _apart(inventory, manifest, selector)


def _apart(inventory: Inventory, manifest: Manifest, selector: Selector) -> Iterator[Found]:
    """A Service and its pods of which only one says its namespace: they meet where both are
    applied to that one. In a Tidegate repository each object has to say it. Or they say two."""
    own = manifest.id.namespace
    places = {p.owner.id.namespace for p in select_pods(inventory, selector, own).pods}
    if own and not places:
        yield from _astray(inventory, manifest, selector)
    if len(places) != 1 or inventory.has_unknown_pods:
        return  # the same labels in several namespaces
    theirs = places.pop()
    if bool(own) == bool(theirs) or _DEFAULT in (own, theirs):
        return
    message = (
        f"{title(manifest)} names no namespace, and the pods that it selects are in "
        f"'{shown(theirs)}'"
        if theirs
        else f"{title(manifest)} is in the namespace '{shown(own)}', and the pods that it selects "
        "name none"
    )
    fix = f"Set metadata.namespace: {shown(theirs or own)} in both, or in neither."
    yield Found(message, manifest.id, ("spec", "selector"), certain=False, fix=fix)


def _astray(inventory: Inventory, manifest: Manifest, selector: Selector) -> Iterator[Found]:
    """A Service alone in its namespace, whose pods are all in another one."""
    own = manifest.id.namespace
    if any(pods.owner.id.namespace in ("", own) for pods in inventory.pods):
        return  # that it selects none of them is told already
    others = {pods.owner.id.namespace for pods in inventory.pods}
    places = [place for place in others if select_pods(inventory, selector, place).pods]
    if len(places) == 1 and not inventory.has_unknown_pods:
        message = (
            f"{title(manifest)} is in the namespace '{shown(own)}', and the pods that it selects "
            f"are in '{shown(places[0])}'"
        )
        fix = "Put the Service beside its pods."
        yield Found(message, manifest.id, ("metadata", "namespace"), certain=False, fix=fix)


def _judge_port(inventory: Inventory) -> Iterator[Found]:
    if inventory.has_unknown_pods:
        return
    for manifest, selector in services(inventory):
        meant = select_pods(inventory, selector, manifest.id.namespace) if selector else None
        if meant is None or not meant.pods or not meant.are_readable:
            continue
        for index, port in entries(manifest.data, "spec", "ports"):
            target = port.get("targetPort")
            if isinstance(target, str) and not target.isdigit():
                yield from _unnamed(manifest, meant, index, target, text(port.get("protocol")))
        yield from _undeclared(inventory, manifest, meant)


def _unnamed(
    manifest: Manifest, meant: Meant, index: int, target: str, protocol: str
) -> Iterator[Found]:
    protocol = protocol or "TCP"
    protocols = meant.named.get(target, frozenset())
    if protocol in protocols or target in INJECTED_PORTS:
        return
    field = ("spec", "ports", index, "targetPort")
    start = f"{title(manifest)} sends to the {protocol} port '{shown(target)}'"
    owner = title(meant.pods[0].owner)
    if protocols:
        other = min(protocols)
        yield Found(f"{start}, which {owner} has as {shown(other)}", manifest.id, field)
        return
    hint = port_hint(target, [*meant.named])
    yield Found(f"{start}, which {owner} does not have{hint}", manifest.id, field)


def _undeclared(inventory: Inventory, manifest: Manifest, meant: Meant) -> Iterator[Found]:
    """Numbers that no container says it listens on. What a container declares is for people, so
    this is said only where all declare one and the same port, the Service sends to others, and
    no program is told of them. Metrics are often served on a port that nobody declares."""
    declared = meant.numbers
    if len(declared) != 1 or None in declared:
        return
    wanted: list[tuple[int, int, str]] = []
    for index, port in entries(manifest.data, "spec", "ports"):
        target = port.get("targetPort")
        key = "port" if target is None else "targetPort"
        value = port.get("port") if target is None else target
        number = int(value) if isinstance(value, str) and _is_port(value) else integer(value)
        if number is None or number in declared:
            return  # a name, which is looked up above, or one that fits
        if "metrics" in text(port.get("name")) or is_told(inventory, meant.pods[0], number):
            continue
        wanted.append((index, number, key))
    for index, number, key in wanted:
        known = ", ".join(map(str, declared))
        message = (
            f"{title(manifest)} sends to port {number}, and {title(meant.pods[0].owner)} "
            f"declares {known}"
        )
        yield Found(message, manifest.id, ("spec", "ports", index, key), certain=False)


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 5


SERVICE_SELECTOR = Rule(
    "service-selector",
    Severity.DENY,
    "network",
    why="A Service that selects no pods has no endpoints: every request to it is refused.",
    fix="Give the Service's selector the labels of the pod template.",
    link="https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    judge=_judge_selector,
    about=frozenset({SERVICE}),
)
SERVICE_PORT = Rule(
    "service-port",
    Severity.DENY,
    "network",
    why="A target port that no container has leads nowhere.",
    fix="Name a port of the container, or give its number.",
    link="https://kubernetes.io/docs/concepts/services-networking/service/#field-spec-ports",
    judge=_judge_port,
    about=frozenset({SERVICE}),
)
