"""Monitoring: what is to be scraped is there under that name, and what serves is scraped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.environments import is_production
from tidegate.policy.rules.inventory import Inventory, annotation, metadata_labels
from tidegate.policy.rules.kinds import SCALABLE
from tidegate.policy.rules.labels import Selector, selector_of
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule, Setting, Settings
from tidegate.policy.rules.selection import nearest_pair, selects_nothing
from tidegate.policy.rules.service_ports import port_names
from tidegate.policy.rules.services import (
    select_pods,
    select_services,
    services,
    services_at,
)
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text, texts
from tidegate.policy.rules.spelling import is_slip, port_hint

SERVICE_MONITOR, POD_MONITOR = "ServiceMonitor", "PodMonitor"
_SCRAPE = ("prometheus.io/scrape", "metrics.datadoghq.com/scrape")


def _is_here(manifest: Manifest) -> bool:
    """Whether a monitor looks into its own namespace alone."""
    places = mapping(at(manifest.data, "spec", "namespaceSelector"))
    names = texts(places.get("matchNames"))
    return places.get("any") is not True and all(n == manifest.id.namespace for n in names)


def _judge_service_monitor(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(SERVICE_MONITOR):
        selector = selector_of(at(manifest.data, "spec", "selector"))
        if selector is None or not _is_here(manifest):
            continue
        place = manifest.id.namespace
        meant = select_services(inventory, selector, place)
        if meant:
            # Where a controller makes Services too, one of them may have the port.
            if not inventory.has_unknown_pods:
                yield from _no_port(inventory, manifest, meant)
            continue
        here = services_at(inventory, place)
        if here:
            yield from _no_service(inventory, manifest, selector, here)


def _no_service(
    inventory: Inventory, manifest: Manifest, selector: Selector, here: tuple[Manifest, ...]
) -> Iterator[Found]:
    if inventory.has_unknown_pods:
        return  # the Service may come from there
    near = nearest_pair(selector, (metadata_labels(service) for service in here))
    message = f"{title(manifest)} scrapes Services with {selector}, and none of this overlay has it"
    slip = False
    if near:
        (key, value), ours = near
        message += f"; did you mean {shown(key)}={shown(value)}?"
        slip = key == ours[0] and is_slip(ours[1], value)
    field = ("spec", "selector", "matchLabels")
    path = (*field, near[1][0]) if near and near[1] in selector.pairs else field
    yield Found(message, manifest.id, path, inventory.is_whole or slip)


def _no_port(
    inventory: Inventory, manifest: Manifest, meant: tuple[Manifest, ...]
) -> Iterator[Found]:
    known: dict[int, frozenset[str]] = inventory.once("ports of services", lambda _: {})
    if id(meant) not in known:  # one tuple for one selector, which the inventory keeps
        known[id(meant)] = frozenset(name for service in meant for name in port_names(service))
    for index, endpoint in entries(manifest.data, "spec", "endpoints"):
        port = text(endpoint.get("port"))
        if port and port not in known[id(meant)]:
            names = [name for service in meant[:50] for name in port_names(service)]
            message = (
                f"{title(manifest)} scrapes the port '{shown(port)}', which "
                f"{title(meant[0])} does not have{port_hint(port, names)}"
            )
            yield Found(message, manifest.id, ("spec", "endpoints", index, "port"))


def _judge_pod_monitor(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(POD_MONITOR):
        selector = selector_of(at(manifest.data, "spec", "selector"))
        if selector is None or not _is_here(manifest):
            continue
        field = ("spec", "selector", "matchLabels")
        found = selects_nothing(inventory, manifest, selector, field, doing="scrapes")
        if found:
            yield found
        meant = select_pods(inventory, selector, manifest.id.namespace)
        names = list(meant.named)
        for index, endpoint in entries(manifest.data, "spec", "podMetricsEndpoints"):
            port = text(endpoint.get("port"))
            known = meant.pods and meant.are_readable and not inventory.has_unknown_pods
            if port and known and port not in meant.named and not port.startswith(_INJECTED):
                message = (
                    f"{title(manifest)} scrapes the port '{shown(port)}', which "
                    f"{title(meant.pods[0].owner)} does not have{port_hint(port, names)}"
                )
                path = ("spec", "podMetricsEndpoints", index, "port")
                yield Found(message, manifest.id, path)


_INJECTED = ("http-envoy-prom", "linkerd-admin", "dapr-metrics")


def _judge_unmonitored(inventory: Inventory, settings: Settings) -> Iterator[Found]:
    if not is_production(inventory.context.environment, "monitoring-missing"):
        return
    if inventory.kinds.get("Probe") or inventory.kinds.get("ScrapeConfig"):
        return
    served = {(service.id.namespace, selector) for service, selector in services(inventory)}
    scraped = _scraped(inventory)
    answering = _pods(inventory, served)
    monitored = _pods(inventory, served & scraped) | _monitored_pods(inventory)
    for pods in inventory.pods:
        if id(pods) not in answering or pods.kind not in SCALABLE | {"DaemonSet"}:
            continue
        named = pods.owner.id.name in settings["ignore"]
        if not (named or id(pods) in monitored or _is_annotated(pods)):
            message = f"{title(pods.owner)} serves requests, and nothing scrapes its metrics"
            yield Found(message, pods.owner.id)


def _pods(inventory: Inventory, asked: Iterable[tuple[str, Selector | None]]) -> set[int]:
    """The ids of all pods that selectors, each in a namespace, mean."""
    return {
        id(pods)
        for namespace, selector in asked
        for pods in (inventory.select(selector, namespace) if selector else ())
    }


def _scraped(inventory: Inventory) -> set[tuple[str, Selector | None]]:
    """The selectors of Services that are scraped: by a monitor in any namespace, or by
    annotation."""
    by_monitor = {
        id(service)
        for selector in _selectors(inventory, SERVICE_MONITOR)
        for service in select_services(inventory, selector, "")
    }
    return {
        (service.id.namespace, selector)
        for service, selector in services(inventory)
        if id(service) in by_monitor or any(annotation(service, key) == "true" for key in _SCRAPE)
    }


def _monitored_pods(inventory: Inventory) -> set[int]:
    selectors = _selectors(inventory, POD_MONITOR, "PodMonitoring")
    return _pods(inventory, (("", selector) for selector in selectors))


def _selectors(inventory: Inventory, *kinds: str) -> set[Selector]:
    found = (selector_of(at(m.data, "spec", "selector")) for m in inventory.of(*kinds))
    return {selector for selector in found if selector is not None}


def _is_annotated(pods: Pods) -> bool:
    template = mapping(at(pods.owner.data, *map(str, pods.path), "metadata", "annotations"))
    return any(template.get(key) in ("true", True) for key in _SCRAPE)


SERVICE_MONITOR_TARGET = Rule(
    "servicemonitor-target",
    Severity.DENY,
    "observability",
    why="A monitor that finds no Service, or no port of that name, scrapes nothing, silently.",
    fix="Select the Service's own labels, and name one of the Service's ports.",
    link="https://prometheus-operator.dev/docs/developer/getting-started/#using-servicemonitors",
    judge=_judge_service_monitor,
    about=frozenset({SERVICE_MONITOR}),
)
POD_MONITOR_TARGET = Rule(
    "podmonitor-target",
    Severity.DENY,
    "observability",
    why="A monitor that finds no pods, or no port of that name, scrapes nothing, silently.",
    fix="Select the pod template's labels, and name one of the containers' ports.",
    link="https://prometheus-operator.dev/docs/developer/getting-started/#using-podmonitors",
    judge=_judge_pod_monitor,
    about=frozenset({POD_MONITOR}),
)
MONITORING_MISSING = Rule(
    "monitoring-missing",
    Severity.WARN,
    "observability",
    why="What nobody measures fails unseen, and a canary of it can't be judged.",
    fix="Add a ServiceMonitor or a PodMonitor, or scrape annotations.",
    link="https://prometheus-operator.dev/docs/developer/getting-started/",
    tuned=_judge_unmonitored,
    about=frozenset({"Service"}),
    settings={"ignore": Setting("names", (), "names of workloads that need no monitoring")},
)
