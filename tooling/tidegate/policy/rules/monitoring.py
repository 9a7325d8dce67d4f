"""Monitoring: what is to be scraped is there under that name, and what serves is scraped."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.environments import is_production
from tidegate.policy.rules.inventory import Inventory, annotation, metadata_labels, together
from tidegate.policy.rules.kinds import REPLICATED
from tidegate.policy.rules.labels import Selector, selector_of
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule, Setting, Settings
from tidegate.policy.rules.selection import nearest_pair, selects_nothing
from tidegate.policy.rules.service_ports import port_names
from tidegate.policy.rules.services import select_services, services
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text, texts
from tidegate.policy.rules.spelling import is_slip, nearest_name, suggestion

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
            yield from _no_port(manifest, meant)
            continue
        here = [s for s, _ in services(inventory) if together(s.id.namespace, place)]
        if here:
            yield from _no_service(inventory, manifest, selector, here)


def _no_service(
    inventory: Inventory, manifest: Manifest, selector: Selector, here: list[Manifest]
) -> Iterator[Found]:
    if inventory.has_unknown_pods:
        return  # the Service may come from there
    near = nearest_pair(selector, [metadata_labels(service) for service in here])
    message = f"{title(manifest)} scrapes Services with {selector}, and none of this overlay has it"
    slip = False
    if near:
        (key, value), ours = near
        message += f"; did you mean {shown(key)}={shown(value)}?"
        slip = key == ours[0] and is_slip(ours[1], value)
    field = ("spec", "selector", "matchLabels")
    path = (*field, near[1][0]) if near and near[1] in selector.pairs else field
    yield Found(message, manifest.id, path, inventory.is_whole or slip)


def _no_port(manifest: Manifest, meant: tuple[Manifest, ...]) -> Iterator[Found]:
    for index, endpoint in entries(manifest.data, "spec", "endpoints"):
        port = text(endpoint.get("port"))
        if port and not any(port in port_names(service) for service in meant):
            names = [name for service in meant[:50] for name in port_names(service)]
            near = nearest_name(port, names) or (names[0] if len(names) == 1 else None)
            message = (
                f"{title(manifest)} scrapes the port '{shown(port)}', which "
                f"{title(meant[0])} does not have{suggestion(near)}"
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
        meant = inventory.select(selector, manifest.id.namespace)
        names = [port.name for pods in meant for port in pods.ports if port.name]
        for index, endpoint in entries(manifest.data, "spec", "podMetricsEndpoints"):
            port = text(endpoint.get("port"))
            if port and meant and port not in names and not port.startswith(_INJECTED):
                near = nearest_name(port, names) or (names[0] if len(names) == 1 else None)
                message = (
                    f"{title(manifest)} scrapes the port '{shown(port)}', which "
                    f"{title(meant[0].owner)} does not have{suggestion(near)}"
                )
                path = ("spec", "podMetricsEndpoints", index, "port")
                yield Found(message, manifest.id, path)


_INJECTED = ("http-envoy-prom", "linkerd-admin", "dapr-metrics")


def _judge_unmonitored(inventory: Inventory, settings: Settings) -> Iterator[Found]:
    if not is_production(inventory.context.environment, "monitoring-missing"):
        return
    if inventory.kinds.get("Probe") or inventory.kinds.get("ScrapeConfig"):
        return
    served: dict[int, list[Manifest]] = {}
    for service, selector in services(inventory):
        for pods in inventory.select(selector, service.id.namespace) if selector else ():
            served.setdefault(id(pods), []).append(service)
    monitored = _monitored_services(inventory)
    for pods in inventory.pods:
        if id(pods) not in served or pods.kind not in REPLICATED | {"DaemonSet"}:
            continue
        by_service = any(id(service) in monitored for service in served[id(pods)])
        named = pods.owner.id.name in settings["ignore"]
        if not (named or by_service or _is_monitored(inventory, pods)):
            message = f"{title(pods.owner)} serves requests, and nothing scrapes its metrics"
            yield Found(message, pods.owner.id)


def _monitored_services(inventory: Inventory) -> set[int]:
    """The Services that are scraped: by a monitor in any namespace, or by annotation."""
    found = {
        id(service)
        for service, _ in services(inventory)
        if any(annotation(service, key) == "true" for key in _SCRAPE)
    }
    for monitor in inventory.of(SERVICE_MONITOR):
        selector = selector_of(at(monitor.data, "spec", "selector"))
        if selector is not None:
            found.update(id(service) for service in select_services(inventory, selector, ""))
    return found


def _is_monitored(inventory: Inventory, pods: Pods) -> bool:
    template = mapping(at(pods.owner.data, *map(str, pods.path), "metadata", "annotations"))
    if any(template.get(key) in ("true", True) for key in _SCRAPE):
        return True
    for monitor in inventory.of(POD_MONITOR, "PodMonitoring"):
        selector = selector_of(at(monitor.data, "spec", "selector"))
        if selector is not None and selector.matches(pods.labels):
            return True
    return False


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
