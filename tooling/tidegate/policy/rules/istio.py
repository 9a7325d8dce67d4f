"""Istio's names: which Service a host means, and the routes of a VirtualService."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.index import Places
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.provisions import wildcard
from tidegate.policy.rules.shapes import at, entries, mapping, text, texts

VIRTUAL_SERVICE, DESTINATION_RULE = "VirtualService", "DestinationRule"
ISTIO = frozenset({"networking.istio.io"})
_KINDS = ("http", "tcp", "tls")


@dataclass(frozen=True, slots=True)
class Route:
    """A list of destinations that share traffic, and where it is."""

    destinations: tuple[tuple[int, Mapping[str, Any]], ...]
    path: FieldPath


def routes(manifest: Manifest) -> Iterator[Route]:
    """Every route of a VirtualService."""
    for kind in _KINDS:
        for index, item in entries(manifest.data, "spec", kind):
            found = tuple(entries(item, "route"))
            if found:
                yield Route(found, ("spec", kind, index, "route"))


def destinations(manifest: Manifest) -> Iterator[tuple[Mapping[str, Any], FieldPath]]:
    """Every destination of a VirtualService, those of mirrors too."""
    for route in routes(manifest):
        for index, item in route.destinations:
            yield mapping(item.get("destination")), (*route.path, index, "destination")
    for index, item in entries(manifest.data, "spec", "http"):
        if isinstance(item.get("mirror"), dict):
            yield mapping(item["mirror"]), ("spec", "http", index, "mirror")
        for number, mirror in entries(item, "mirrors"):
            path = ("spec", "http", index, "mirrors", number, "destination")
            yield mapping(mirror.get("destination")), path


def service_name(host: str, namespace: str) -> str | None:
    """The Service in the object's own namespace that a host means; None where it means one of
    another namespace or something outside."""
    name, dot, rest = host.partition(".")
    if "*" in name:
        return None
    if not dot:
        return name or None
    place, _, domain = rest.partition(".")
    if domain in ("svc.cluster.local", "svc", "") and namespace and place == namespace:
        # `name.namespace` alone could be a domain in the world outside; with `svc` it can't.
        return name
    return None


def same_host(first: str, second: str, namespace: str) -> bool:
    """Whether two hosts, as objects of one namespace write them, are one."""
    if first == second:
        return True
    if "*" in second:
        return wildcard(second, _full(first, namespace)) or wildcard(second, first)
    return _full(first, namespace) == _full(second, namespace)


def _full(host: str, namespace: str) -> str:
    parts = host.split(".")
    if len(parts) == 1:
        return f"{host}.{namespace}.svc.cluster.local"
    if len(parts) == 2:
        return f"{host}.svc.cluster.local"
    return f"{host}.cluster.local" if len(parts) == 3 and parts[2] == "svc" else host


def subsets(inventory: Inventory, host: str, namespace: str) -> tuple[list[str], bool]:
    """The subsets that DestinationRules of the overlay give a host, and whether there is any such
    DestinationRule at all."""
    known: dict[tuple[str, str], tuple[list[str], bool]] = inventory.once("subsets", lambda _: {})
    key = (host, namespace)
    if key not in known:
        index = inventory.once("destination rules", _by_first_word)
        rules = [
            manifest
            for word in (_first_word(host), "*")
            for manifest in (index[word].at(namespace) if word in index else ())
            if same_host(host, _host(manifest), namespace or manifest.id.namespace)
        ]
        names = [text(s.get("name")) for m in rules for _, s in entries(m.data, "spec", "subsets")]
        known[key] = (list(dict.fromkeys(names)), bool(rules))
    return known[key]


def _by_first_word(inventory: Inventory) -> dict[str, Places[Manifest]]:
    """DestinationRules by the first word of their hosts, which is the same however much of a host
    is written; those with a wildcard under `*`."""
    index: dict[str, Places[Manifest]] = {}
    for manifest in inventory.of(DESTINATION_RULE, groups=ISTIO):
        host = _host(manifest)
        if host:
            word = "*" if "*" in host else _first_word(host)
            index.setdefault(word, Places()).add(manifest.id.namespace, manifest)
    return index


def _host(manifest: Manifest) -> str:
    return text(at(manifest.data, "spec", "host"))


def _first_word(host: str) -> str:
    return host.partition(".")[0]


def is_outside(inventory: Inventory, host: str) -> bool:
    """Whether a ServiceEntry of the overlay makes the host."""
    exact, patterns = inventory.once("hosts outside", _outside)
    return host in exact or any(wildcard(pattern, host) for pattern in patterns)


def _outside(inventory: Inventory) -> tuple[frozenset[str], frozenset[str]]:
    entries_ = inventory.of("ServiceEntry", groups=ISTIO)
    hosts = {host for entry in entries_ for host in texts(at(entry.data, "spec", "hosts"))}
    patterns = frozenset(host for host in hosts if "*" in host)
    return frozenset(hosts - patterns), patterns
