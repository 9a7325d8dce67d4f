"""Gateways of Istio and of the Gateway API: routes that hang on one are on one that is there, with
the listener that they name, and that serves their hosts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.backends import ROUTES
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.istio import ISTIO, VIRTUAL_SERVICE
from tidegate.policy.rules.references import absent, title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, shown, text, texts
from tidegate.policy.rules.spelling import likely_name, nearest_name, suggestion

_GATEWAY = "Gateway"
_GATEWAY_API = frozenset({"gateway.networking.k8s.io"})


def _judge_gateway(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(VIRTUAL_SERVICE, groups=ISTIO):
        for index, written in enumerate(texts(at(manifest.data, "spec", "gateways"))):
            place, slash, name = written.rpartition("/")
            if (slash and place != manifest.id.namespace) or written == "mesh":
                continue  # another namespace's
            yield from _absent(inventory, manifest, name, ("spec", "gateways", index), ISTIO)
    for manifest in inventory.of(*sorted(ROUTES), groups=_GATEWAY_API):
        for index, parent in entries(manifest.data, "spec", "parentRefs"):
            place = text(parent.get("namespace"))
            if parent.get("kind", _GATEWAY) != _GATEWAY or place not in ("", manifest.id.namespace):
                continue
            field = ("spec", "parentRefs", index, "name")
            name = text(parent.get("name"))
            yield from _absent(inventory, manifest, name, field, _GATEWAY_API)
            yield from _unheard(inventory, manifest, parent, ("spec", "parentRefs", index))


def _absent(
    inventory: Inventory,
    manifest: Manifest,
    name: str,
    field: tuple[str | int, ...],
    groups: frozenset[str],
) -> Iterator[Found]:
    """Gateways are often somebody else's: only where the overlay has some is one missed that it
    doesn't have."""
    if any(True for _ in inventory.of(_GATEWAY, groups=groups)):
        found = absent(inventory, manifest, field, _GATEWAY, name, doing="hangs on")
        if found:
            yield found


def _unheard(
    inventory: Inventory, manifest: Manifest, parent: Mapping[str, Any], path: FieldPath
) -> Iterator[Found]:
    """A listener that the Gateway, which is here, doesn't have."""
    section = text(parent.get("sectionName"))
    gateways = inventory.find(_GATEWAY, manifest.id.namespace, text(parent.get("name")))
    names = [
        text(listener.get("name"))
        for gateway in gateways
        if gateway.id.group in _GATEWAY_API
        for _, listener in entries(gateway.data, "spec", "listeners")
    ]
    if section and names and section not in names:
        near = likely_name(section, names)
        message = (
            f"{title(manifest)} hangs on the listener '{shown(section)}', which "
            f"{title(gateways[0])} does not have{suggestion(near)}"
        )
        yield Found(message, manifest.id, (*path, "sectionName"))


def _judge_hosts(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(VIRTUAL_SERVICE, groups=ISTIO):
        served = _istio_hosts(inventory, manifest)
        for index, host in enumerate(texts(at(manifest.data, "spec", "hosts"))):
            if served.hosts and not served.meets(host):
                yield _unserved(manifest, host, served, ("spec", "hosts", index))
    for manifest in inventory.of("HTTPRoute", "GRPCRoute", "TLSRoute", groups=_GATEWAY_API):
        served = _listeners(inventory, manifest)
        hosts = texts(at(manifest.data, "spec", "hostnames"))
        # A route may name more hosts than its listeners serve, as long as they serve one.
        if served.hosts and hosts and not any(map(served.meets, hosts)):
            yield _unserved(manifest, hosts[0], served, ("spec", "hostnames", 0))


def _unserved(manifest: Manifest, host: str, served: Served, field: tuple[str | int, ...]) -> Found:
    message = (
        f"{title(manifest)} is for the host '{shown(host)}', which its gateway does not serve"
        f"{suggestion(nearest_name(host, served.hosts))}"
    )
    return Found(message, manifest.id, field)


class Served:
    """The hosts that gateways serve, in their order; none where nobody can know."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self.hosts = tuple(dict.fromkeys(hosts))
        self._exact = frozenset(host.lower() for host in self.hosts)
        self._patterns = tuple(host for host in self.hosts if host.startswith("*"))

    def meets(self, host: str) -> bool:
        """Whether they serve the host, or some of those that it stands for."""
        if host.lower() in self._exact:
            return True
        return any(covers(k, host) for k in (self.hosts if "*" in host else self._patterns))


def _istio_hosts(inventory: Inventory, manifest: Manifest) -> Served:
    """What the VirtualService's gateways serve; nothing where one of them isn't here."""
    named = texts(at(manifest.data, "spec", "gateways"))
    known: dict[tuple[str, ...], Served] = inventory.once("served", lambda _: {})
    key = (manifest.id.namespace, *named)
    if key not in known:
        known[key] = Served(_servers(inventory, manifest.id.namespace, named))
    return known[key]


def _servers(inventory: Inventory, namespace: str, named: Sequence[str]) -> list[str]:
    hosts: list[str] = []
    for written in named:
        place, slash, name = written.rpartition("/")
        found = inventory.find(_GATEWAY, place if slash else namespace, name)
        if not found or any(gateway.id.group not in ISTIO for gateway in found):
            return []  # in the mesh, or somebody else's: then any host may be served
        for gateway in found:
            for _, server in entries(gateway.data, "spec", "servers"):
                hosts += [h.rpartition("/")[2] for h in texts(server.get("hosts"))]
    return hosts


def _listeners(inventory: Inventory, manifest: Manifest) -> Served:
    """What the listeners of the route's Gateways serve."""
    parents = tuple(
        tuple(text(parent.get(key)) for key in ("namespace", "name", "sectionName"))
        for _, parent in entries(manifest.data, "spec", "parentRefs")
    )
    known: dict[Any, Served] = inventory.once("listening", lambda _: {})
    key = (manifest.id.namespace, parents)
    if key not in known:
        known[key] = Served(_listening(inventory, manifest.id.namespace, parents))
    return known[key]


def _listening(
    inventory: Inventory, namespace: str, parents: tuple[tuple[str, ...], ...]
) -> list[str]:
    hosts: list[str] = []
    for place, name, section in parents:
        found = inventory.find(_GATEWAY, place or namespace, name)
        if not found or any(gateway.id.group not in _GATEWAY_API for gateway in found):
            return []
        for gateway in found:
            for _, listener in entries(gateway.data, "spec", "listeners"):
                if not section or listener.get("name") == section:
                    hosts.append(text(listener.get("hostname")) or "*")
    return hosts


def covers(pattern: str, host: str) -> bool:
    """Whether two hosts meet, either of which may begin with `*`."""
    pattern, host = pattern.lower(), host.lower()
    if pattern in ("*", host) or host == "*":
        return True
    if pattern.startswith("*.") and host.endswith(pattern[1:]):
        return True
    return host.startswith("*.") and pattern.endswith(host[1:])


GATEWAY = Rule(
    "gateway-reference",
    Severity.DENY,
    "network",
    why="A route on a gateway that doesn't exist gets no traffic.",
    fix="Name the gateway as it is rendered, with its namespace where it is another's.",
    link="https://istio.io/latest/docs/reference/config/networking/virtual-service/#VirtualService",
    judge=_judge_gateway,
    about=ROUTES | {VIRTUAL_SERVICE},
)
GATEWAY_HOST = Rule(
    "gateway-host",
    Severity.DENY,
    "network",
    why="A gateway lets only its own hosts in: a route for another gets no traffic.",
    fix="Add the host to the gateway, or correct it in the route.",
    link="https://istio.io/latest/docs/reference/config/networking/gateway/#Server",
    judge=_judge_hosts,
    about=ROUTES | {VIRTUAL_SERVICE},
)
