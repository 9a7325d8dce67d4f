"""One owner each: an object, and a host with its path, belong to one overlay of an environment."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.facts import Landscape, OverlayFacts, read_id, read_path, write_id
from tidegate.policy.rules.inventory import Inventory, annotation
from tidegate.policy.rules.istio import ISTIO, VIRTUAL_SERVICE
from tidegate.policy.rules.kinds import CLUSTER_SCOPED
from tidegate.policy.rules.namespaces import identity
from tidegate.policy.rules.rule import Elsewhere, Found, Rule
from tidegate.policy.rules.shapes import at, entries, mapping, sequence, shown, text, texts

_GATEWAY_API = frozenset({"gateway.networking.k8s.io"})
# Enough for any real overlay; facts of one that is made to be enormous stay bounded.
_MOST, _LONGEST = 2000, 2000


def collect_objects(inventory: Inventory) -> Any:
    """The ids of objects of which everybody knows where they will lie."""
    found = [
        write_id(m.id)
        for m in inventory.manifests
        if m.id.name and (m.id.namespace or m.id.kind in CLUSTER_SCOPED)
    ]
    return found[: 10 * _MOST] or None


def _compare_objects(landscape: Landscape) -> Iterator[Elsewhere]:
    owners: dict[tuple[str, tuple[str, ...]], OverlayFacts] = {}
    for overlay in landscape.overlays:
        for item in overlay.list_of("objects"):
            id_ = read_id(item)
            if id_ is None:
                continue
            owner = owners.setdefault((overlay.environment, identity(id_)), overlay)
            if owner is not overlay:
                message = f"{_named(id_.kind, id_.name)} is in {shown(owner.name)} too"
                found = Found(message, id_, ("metadata", "name"))
                yield Elsewhere(overlay.name, found)


def _named(kind: str, name: str) -> str:
    return f"{shown(kind)} {shown(name)}"


def collect_hosts(inventory: Inventory) -> Any:
    """Each host and path that traffic comes in by, through which gate, and where it is written."""
    found = [entry for entry in islice(_hosts(inventory), _MOST) if len(str(entry)) < _LONGEST]
    return found or None


def _hosts(inventory: Inventory) -> Iterator[list[Any]]:
    for manifest in inventory.of("Ingress"):
        yield from ([*entry, write_id(manifest.id)] for entry in _ingress(manifest))
    for manifest in inventory.of("HTTPRoute", groups=_GATEWAY_API):
        yield from ([*entry, write_id(manifest.id)] for entry in _http_route(manifest))
    for manifest in inventory.of(VIRTUAL_SERVICE, groups=ISTIO):
        yield from ([*entry, write_id(manifest.id)] for entry in _virtual_service(manifest))


def _ingress(manifest: Manifest) -> Iterator[list[Any]]:
    """A canary shares its host on purpose."""
    if annotation(manifest, "nginx.ingress.kubernetes.io/canary") == "true":
        return
    class_ = text(at(manifest.data, "spec", "ingressClassName"))
    class_ = class_ or annotation(manifest, "kubernetes.io/ingress.class")
    for index, rule in entries(manifest.data, "spec", "rules"):
        host = text(rule.get("host")) or "*"
        for number, path in entries(rule, "http", "paths"):
            way = f"{text(path.get('pathType'))} {text(path.get('path')) or '/'}"
            field = ["spec", "rules", index, "http", "paths", number, "path"]
            yield [f"ingress {class_}", host, way, field]


def _http_route(manifest: Manifest) -> Iterator[list[Any]]:
    gates = []
    for _, parent in entries(manifest.data, "spec", "parentRefs"):
        place = text(parent.get("namespace")) or manifest.id.namespace
        listener = text(parent.get("sectionName")) or str(parent.get("port") is not None)
        gates.append(f"{place}/{text(parent.get('name'))}/{listener}")
    hosts = texts(at(manifest.data, "spec", "hostnames"))
    for index, rule in entries(manifest.data, "spec", "rules"):
        for number, match in entries(rule, "matches"):
            if set(match) != {"path"}:
                continue  # headers, methods and queries may share a path
            path = mapping(match.get("path"))
            way = f"{text(path.get('type')) or 'PathPrefix'} {text(path.get('value')) or '/'}"
            field = ["spec", "rules", index, "matches", number, "path", "value"]
            yield from ([f"gateway {gate}", host, way, field] for gate in gates for host in hosts)


def _virtual_service(manifest: Manifest) -> Iterator[list[Any]]:
    gates = [g for g in texts(at(manifest.data, "spec", "gateways")) if g != "mesh"]
    places = [g if "/" in g else f"{manifest.id.namespace}/{g}" for g in gates]
    hosts = texts(at(manifest.data, "spec", "hosts"))
    for index, route in entries(manifest.data, "spec", "http"):
        matches = list(entries(route, "match"))
        for number, match in matches:
            uri = mapping(match.get("uri"))
            if set(match) - {"name"} != {"uri"} or len(uri) != 1:
                continue
            kind, value = next(iter(uri.items()))
            field = ["spec", "http", index, "match", number, "uri", kind]
            way = f"{kind} {text(value)}"
            yield from ([f"istio {gate}", host, way, field] for gate in places for host in hosts)
        if not matches and "match" not in route:
            field = ["spec", "http", index]
            yield from ([f"istio {g}", host, "prefix /", field] for g in places for host in hosts)


def _compare_hosts(landscape: Landscape) -> Iterator[Elsewhere]:
    owners: dict[tuple[str, ...], tuple[OverlayFacts, str]] = {}
    for overlay in landscape.overlays:
        for item in overlay.list_of("hosts"):
            parts = sequence(item)
            id_ = read_id(parts[4]) if len(parts) == 5 else None
            if id_ is None:
                continue
            gate, host, way = (text(part) for part in parts[:3])
            key = (overlay.environment, gate, host, way)
            owner, theirs = owners.setdefault(key, (overlay, _named(id_.kind, id_.name)))
            if owner is not overlay:
                path = way.partition(" ")[2]
                message = (
                    f"{_named(id_.kind, id_.name)} takes {shown(host)}{shown(path)}, which is "
                    f"{theirs}'s in {shown(owner.name)}"
                )
                yield Elsewhere(overlay.name, Found(message, id_, read_path(parts[3])))


OBJECT_OWNER = Rule(
    "object-owner",
    Severity.DENY,
    "gitops",
    why="Two applications that own one object undo each other, and pruning one breaks both.",
    fix="Leave the object to one overlay, or declare it in a shared one.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#fail-the-sync-if-a-shared-resource-is-found",
    compare=_compare_objects,
)
HOST_OWNER = Rule(
    "host-owner",
    Severity.DENY,
    "network",
    why="Of two owners of one host and path, one gets the other's requests.",
    fix="Give each app a host or a path of its own.",
    link="https://kubernetes.io/docs/concepts/services-networking/ingress/#path-types",
    compare=_compare_hosts,
)
