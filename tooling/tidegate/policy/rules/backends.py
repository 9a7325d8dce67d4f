"""Where traffic from outside goes: backends of Ingress, of the Gateway API's routes and of
OpenShift's Route."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.service_ports import wrong_backend
from tidegate.policy.rules.shapes import at, entries, mapping, shown, text, texts
from tidegate.policy.rules.spelling import is_slip, nearest_name, suggestion

ROUTES = frozenset({"HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute", "UDPRoute"})
_KUBERNETES = frozenset({"networking.k8s.io", "extensions"})
_GATEWAY_API = frozenset({"gateway.networking.k8s.io"})
_OPENSHIFT = frozenset({"route.openshift.io"})


def _judge_ingress(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of("Ingress", groups=_KUBERNETES):
        yield from _unruled(manifest)
        for key in ("defaultBackend", "backend"):
            backend = mapping(at(manifest.data, "spec", key))
            yield from _ingress_backend(inventory, manifest, backend, ("spec", key))
        for rule_index, rule in entries(manifest.data, "spec", "rules"):
            for index, path in entries(rule, "http", "paths"):
                where = ("spec", "rules", rule_index, "http", "paths", index, "backend")
                backend = mapping(path.get("backend"))
                yield from _ingress_backend(inventory, manifest, backend, where)


def _unruled(manifest: Manifest) -> Iterator[Found]:
    """Hosts with a certificate that no rule has, near to one that has none of its own."""
    hosts = [text(rule.get("host")) for _, rule in entries(manifest.data, "spec", "rules")]
    listed = [
        (host, ("spec", "tls", index, "hosts", number))
        for index, entry in entries(manifest.data, "spec", "tls")
        for number, host in enumerate(texts(entry.get("hosts")))
    ]
    covered = {host for host, _ in listed}
    bare = [host for host in hosts if host and host not in covered]
    for host, path in listed:
        meant = nearest_name(host, bare) if host not in hosts else None
        if "*" not in host and is_slip(host, meant):
            message = (
                f"{title(manifest)} has a certificate for the host '{shown(host)}', which no rule "
                f"is for{suggestion(meant)}"
            )
            yield Found(message, manifest.id, path, certain=False)


def _ingress_backend(
    inventory: Inventory, manifest: Manifest, backend: Mapping[str, Any], where: FieldPath
) -> Iterator[Found]:
    old = backend.get("serviceName")
    if isinstance(old, str):  # before networking.k8s.io/v1
        port = backend.get("servicePort")
        if port != "use-annotation":
            fields = (*where, "serviceName"), (*where, "servicePort")
            yield from wrong_backend(inventory, manifest, old, fields[0], port, fields[1])
        return
    service = mapping(backend.get("service"))
    port = mapping(service.get("port"))
    if port.get("name") == "use-annotation":  # an action that AWS' controller finds elsewhere
        return
    key = "name" if "name" in port else "number"
    yield from wrong_backend(
        inventory,
        manifest,
        text(service.get("name")),
        (*where, "service", "name"),
        port.get(key),
        (*where, "service", "port", key),
    )


def _judge_route(inventory: Inventory) -> Iterator[Found]:
    for manifest in inventory.of(*sorted(ROUTES), groups=_GATEWAY_API):
        for index, rule in entries(manifest.data, "spec", "rules"):
            where: FieldPath = ("spec", "rules", index)
            yield from _references(inventory, manifest, rule, where)
            for at_filter, item in entries(rule, "filters"):
                mirror = mapping(at(item, "requestMirror", "backendRef"))
                path = (*where, "filters", at_filter, "requestMirror", "backendRef")
                yield from _reference(inventory, manifest, mirror, path)
    for manifest in inventory.of("Route", groups=_OPENSHIFT):
        spec = mapping(at(manifest.data, "spec"))
        port = at(spec, "port", "targetPort")
        # A number here is a port of the pods, not of the Service.
        name = port if isinstance(port, str) and not port.isdigit() else None
        yield from _openshift(inventory, manifest, mapping(spec.get("to")), ("spec", "to"), name)
        for index, backend in entries(spec, "alternateBackends"):
            path = ("spec", "alternateBackends", index)
            yield from _openshift(inventory, manifest, backend, path, None)


def _openshift(
    inventory: Inventory,
    manifest: Manifest,
    target: Mapping[str, Any],
    path: FieldPath,
    port: str | None,
) -> Iterator[Found]:
    if target.get("kind", "Service") == "Service":
        name, field = text(target.get("name")), ("spec", "port", "targetPort")
        yield from wrong_backend(inventory, manifest, name, (*path, "name"), port, field)


def _references(
    inventory: Inventory, manifest: Manifest, rule: Mapping[str, Any], where: FieldPath
) -> Iterator[Found]:
    for index, reference in entries(rule, "backendRefs"):
        yield from _reference(inventory, manifest, reference, (*where, "backendRefs", index))


def _reference(
    inventory: Inventory, manifest: Manifest, reference: Mapping[str, Any], path: FieldPath
) -> Iterator[Found]:
    if reference.get("kind", "Service") != "Service" or reference.get("group", "") != "":
        return
    namespace = text(reference.get("namespace"))
    if namespace and namespace != manifest.id.namespace:
        return  # another namespace's Services are not this overlay's
    name = text(reference.get("name"))
    port = reference.get("port")
    yield from wrong_backend(inventory, manifest, name, (*path, "name"), port, (*path, "port"))


INGRESS_BACKEND = Rule(
    "ingress-backend",
    Severity.DENY,
    "network",
    why="An Ingress whose Service or port doesn't exist answers 503 to everybody.",
    fix="Name a Service of the overlay, and one of its ports (not of the pods').",
    link="https://kubernetes.io/docs/concepts/services-networking/ingress/#the-ingress-resource",
    judge=_judge_ingress,
    about=frozenset({"Ingress"}),
)
ROUTE_BACKEND = Rule(
    "route-backend",
    Severity.DENY,
    "network",
    why="A route whose Service or port doesn't exist answers 500 to everybody.",
    fix="Name a Service of the overlay, and one of its ports (not of the pods').",
    link="https://gateway-api.sigs.k8s.io/api-types/httproute/#backendrefs-optional",
    judge=_judge_route,
    about=ROUTES | {"Route"},
)
