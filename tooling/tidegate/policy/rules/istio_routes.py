"""Istio's routing: destinations exist, weights share out everything, subsets are defined."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.policy.rules.index import Places
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.istio import (
    DESTINATION_RULE,
    ISTIO,
    VIRTUAL_SERVICE,
    destinations,
    is_outside,
    routes,
    service_name,
    subsets,
)
from tidegate.policy.rules.labels import Selector, labels_of
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.service_ports import wrong_backend
from tidegate.policy.rules.services import services
from tidegate.policy.rules.shapes import at, entries, integer, shown, text
from tidegate.policy.rules.spelling import is_slip, likely_name, nearest_name, suggestion


def _judge_destination(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(VIRTUAL_SERVICE, groups=ISTIO):
        for destination, path in destinations(manifest):
            host = text(destination.get("host"))
            name = service_name(host, manifest.id.namespace)
            if name is None or is_outside(inventory, host):
                continue
            port = at(destination, "port", "number")
            fields = (*path, "host"), (*path, "port", "number")
            yield from wrong_backend(inventory, manifest, name, fields[0], integer(port), fields[1])
    for manifest in inventory.of(DESTINATION_RULE, groups=ISTIO):
        host = text(at(manifest.data, "spec", "host"))
        name = service_name(host, manifest.id.namespace)
        if name is not None and not is_outside(inventory, host):
            yield from wrong_backend(inventory, manifest, name, ("spec", "host"))


def _judge_weights(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(VIRTUAL_SERVICE, groups=ISTIO):
        for route in routes(manifest):
            if len(route.destinations) < 2:
                continue
            weights = [item.get("weight", 0) for _, item in route.destinations]
            numbers = [integer(weight) for weight in weights]
            if None in numbers:
                continue
            total = sum(number for number in numbers if number is not None)
            if total != 100:
                message = (
                    f"{title(manifest)} shares out {total} of 100 parts of its traffic among "
                    f"{len(weights)} destinations ({' + '.join(map(shown, weights[:10]))})"
                )
                yield Found(message, manifest.id, _odd_weight(route.destinations, route.path))


def _odd_weight(
    found: tuple[tuple[int, object], ...], path: tuple[str | int, ...]
) -> tuple[str | int, ...]:
    """The last weight that somebody wrote; the route where nobody did."""
    written = [index for index, item in found if isinstance(item, dict) and "weight" in item]
    return (*path, written[-1], "weight") if written else path


def _judge_subset(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(VIRTUAL_SERVICE, groups=ISTIO):
        for destination, path in destinations(manifest):
            host, subset = text(destination.get("host")), text(destination.get("subset"))
            if not host or not subset:
                continue
            names, defined = subsets(inventory, host, manifest.id.namespace)
            if subset in names or (
                not defined and not _must_be_here(inventory, manifest.id.namespace, host)
            ):
                continue
            near = nearest_name(subset, names)
            what = "no DestinationRule of this overlay defines"
            message = (
                f"{title(manifest)} sends to the subset '{shown(subset)}' of {shown(host)}, "
                f"which {what}{suggestion(near)}"
            )
            certain = inventory.is_whole or (defined and is_slip(subset, near)) or bool(names)
            yield Found(message, manifest.id, (*path, "subset"), certain)


def _must_be_here(inventory: Inventory, namespace: str, host: str) -> bool:
    """Whether the subsets of a host are for this overlay to define."""
    if inventory.releases or service_name(host, namespace) is None:
        return False
    environment = inventory.context.environment
    if environment is None:
        return bool(inventory.kinds.get(DESTINATION_RULE))
    name = service_name(host, namespace) or ""
    return not inventory.may_exist(DESTINATION_RULE, namespace, name) and bool(
        inventory.find("Service", namespace, name)
    )


# Of more pods than this, nobody needs to know which label was meant.
_MOST = 300
# Labels of nodes, by which Istio makes subsets too.
_TOPOLOGY = ("topology.", "kubernetes.io/hostname")


def _judge_subset_labels(inventory: Inventory) -> Iterator[Found]:
    if inventory.has_unknown_pods or inventory.kinds.get("Rollout"):
        return  # a Rollout's controller writes labels into subsets
    for manifest in inventory.of(DESTINATION_RULE, groups=ISTIO):
        namespace = manifest.id.namespace
        host = text(at(manifest.data, "spec", "host"))
        named = inventory.once("selectors", _by_name).get(service_name(host, namespace) or "")
        selectors = named.at(namespace) if named else ()
        for index, subset in entries(manifest.data, "spec", "subsets"):
            labels = labels_of(subset.get("labels"))
            pairs = tuple(pair for pair in labels.items() if not pair[0].startswith(_TOPOLOGY))
            for selector in selectors if pairs else ():
                pods = inventory.select(selector, namespace)
                both = Selector((*selector.pairs, *pairs))
                if not pods or inventory.select(both, namespace):
                    continue
                known = sorted(
                    {v for k, _ in pairs for p in pods[:_MOST] if (v := p.labels.get(k))}
                )
                near = likely_name(pairs[0][1], known)
                message = (
                    f"{title(manifest)} has the subset '{shown(subset.get('name'))}' of pods with "
                    f"{Selector(pairs)}, and no pod of {shown(host)} is labelled so"
                    f"{suggestion(near)}"
                )
                yield Found(message, manifest.id, ("spec", "subsets", index, "labels"))
                break


def _by_name(inventory: Inventory) -> dict[str, Places[Selector]]:
    """The selectors of Services, by their names."""
    found: dict[str, Places[Selector]] = {}
    for service, selector in services(inventory):
        if selector:
            found.setdefault(service.id.name, Places()).add(service.id.namespace, selector)
    return found


DESTINATION = Rule(
    "istio-destination",
    Severity.DENY,
    "network",
    why="Traffic to a host or port that the mesh doesn't know is answered with 503.",
    fix="Name a Service of the overlay and one of its ports, or write the host in full.",
    link="https://istio.io/latest/docs/reference/config/networking/virtual-service/#Destination",
    judge=_judge_destination,
    about=frozenset({VIRTUAL_SERVICE, DESTINATION_RULE}),
)
WEIGHTS = Rule(
    "istio-weights",
    Severity.DENY,
    "network",
    why="Weights that don't add up to 100 share traffic out otherwise than they say.",
    fix="Let the weights of a route's destinations add up to 100.",
    link="https://istio.io/latest/docs/reference/config/networking/virtual-service/#HTTPRouteDestination",
    judge=_judge_weights,
    about=frozenset({VIRTUAL_SERVICE}),
)
SUBSET = Rule(
    "istio-subset",
    Severity.DENY,
    "network",
    why="Traffic to a subset that no DestinationRule defines is answered with 503.",
    fix="Define the subset in the host's DestinationRule.",
    link="https://istio.io/latest/docs/ops/common-problems/network-issues/",
    judge=_judge_subset,
    about=frozenset({VIRTUAL_SERVICE}),
)
SUBSET_LABELS = Rule(
    "istio-subset-labels",
    Severity.WARN,
    "network",
    why="A subset whose labels no pod has is empty: its share of the traffic is answered with 503.",
    fix="Give the subset labels that the pod template has.",
    link="https://istio.io/latest/docs/reference/config/networking/destination-rule/#Subset",
    judge=_judge_subset_labels,
    about=frozenset({DESTINATION_RULE}),
)
