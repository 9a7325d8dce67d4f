"""Ingresses and network policies (pkg/apis/networking/validation)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    SUBDOMAIN_RULE,
    is_subdomain,
    is_wildcard,
)
from tidegate.policy.schemas.syntax.ports import PROTOCOLS, judge_port
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import named, needed, one_of, wrong
from tidegate.policy.schemas.words import shown

_PATH: FieldPath = ("spec",)
_TYPES = ("Exact", "Prefix", "ImplementationSpecific")


def judge_ingress(data: dict[str, Any]) -> Iterator[Flaw]:
    """An Ingress."""
    spec = part(data, "spec")
    if not spec.get("rules") and spec.get("defaultBackend") is None:
        yield Flaw(_PATH, "has neither rules nor a defaultBackend; expected one of them")
    if spec.get("defaultBackend") is not None:
        backend = mapping(spec["defaultBackend"])
        yield from _judge_backend(backend, (*_PATH, "defaultBackend"))
    yield from named(spec, "ingressClassName", is_subdomain, SUBDOMAIN_RULE, _PATH)
    for rule, where in items(spec.get("rules"), (*_PATH, "rules")):
        yield from _judge_host(rule.get("host"), (*where, "host"))
        paths = (*where, "http", "paths")
        if part(rule, "http").get("paths") == []:
            yield Flaw(paths, "is empty; expected at least one path")
        for item, inner in items(part(rule, "http").get("paths"), paths):
            yield from _judge_path(item, inner)
    for entry, where in items(spec.get("tls"), (*_PATH, "tls")):
        hosts = entry.get("hosts")
        for index, host in enumerate(hosts if isinstance(hosts, list) else ()):
            yield from _judge_host(host, (*where, "hosts", index))
        yield from named(entry, "secretName", is_subdomain, SUBDOMAIN_RULE, where)


def judge_network_policy(data: dict[str, Any]) -> Iterator[Flaw]:
    """A NetworkPolicy."""
    spec = part(data, "spec")
    yield from judge_selector(spec.get("podSelector"), (*_PATH, "podSelector"))
    types = spec.get("policyTypes")
    for index, name in enumerate(types if isinstance(types, list) else ()):
        for flaw in one_of({"type": name}, "type", ("Ingress", "Egress"), ()):
            yield flaw._replace(path=(*_PATH, "policyTypes", index))
    for key, peers in (("ingress", "from"), ("egress", "to")):
        for rule, where in items(spec.get(key), (*_PATH, key)):
            for port, inner in items(rule.get("ports"), (*where, "ports")):
                yield from judge_port(port.get("port"), (*inner, "port"))
                yield from one_of(port, "protocol", PROTOCOLS, inner)
            for peer, inner in items(rule.get(peers), (*where, peers)):
                yield from _judge_peer(peer, inner)


def _judge_peer(peer: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    selectors = [key for key in ("podSelector", "namespaceSelector") if peer.get(key) is not None]
    for key in selectors:
        yield from judge_selector(peer[key], (*path, key))
    block = peer.get("ipBlock")
    if block is None and not selectors:
        yield Flaw(path, "names nobody; expected a selector or an ipBlock")
    elif block is not None and selectors:
        yield Flaw((*path, "ipBlock"), f"is set beside {selectors[0]}; expected one of them")
    network = text(mapping(block).get("cidr"))
    if network and not _is_network(network):
        yield wrong((*path, "ipBlock", "cidr"), network, "a network such as 10.0.0.0/8")


def _judge_path(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    kind, target = text(item.get("pathType")), item.get("path")
    if item.get("pathType") == "":
        yield Flaw(
            (*path, "pathType"), "is empty; expected Prefix, Exact or ImplementationSpecific"
        )
    yield from one_of(item, "pathType", _TYPES, path)
    if kind in ("Exact", "Prefix"):
        if not text(target).startswith("/") and (target is None or isinstance(target, str)):
            yield Flaw((*path, "path"), f"is {shown(target)}; expected a path with '/' first")
        elif any(piece in text(target) for piece in ("//", "/./", "/../", "%2f", "%2F")):
            yield wrong((*path, "path"), target, "a path without '//', '/./', '/../' and '%2f'")
    elif kind and isinstance(target, str) and target and not target.startswith("/"):
        yield wrong((*path, "path"), target, "a path with '/' first")
    if isinstance(item.get("backend"), dict):
        yield from _judge_backend(item["backend"], (*path, "backend"))


def _judge_backend(backend: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is None and resource is None:
        yield Flaw(path, "names nothing; expected a service")
    elif service is not None and resource is not None:
        yield Flaw((*path, "resource"), "is set beside service; expected one of them")
    if not isinstance(service, dict):
        return
    where = (*path, "service")
    if "name" in service:
        yield from needed(service, "name", where, "a service's name")
    port, inner = mapping(service.get("port")), (*where, "port")
    name, number = port.get("name"), port.get("number")
    if not name and not number:
        yield Flaw(inner, "is missing; expected a port's name or number")
    elif name and number:
        yield Flaw((*inner, "number"), "is set beside the port's name; expected one of them")
    else:
        yield from judge_port(name or number, (*inner, "name" if name else "number"))


def _judge_host(host: object, path: FieldPath) -> Iterator[Flaw]:
    if not isinstance(host, str) or not host:
        return
    if host.startswith("*"):
        if not is_wildcard(host):
            yield wrong(path, host, "a host, or '*.' and a host")
    elif not is_subdomain(host):
        yield wrong(path, host, f"a host: {SUBDOMAIN_RULE}")
    elif _is_address(host):
        yield wrong(path, host, "a host's name, and no address")


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_network(text: str) -> bool:
    address, slash, _ = text.partition("/")
    if not slash:
        return False
    try:
        ipaddress.ip_network(text, strict=False)
    except ValueError:
        return address.replace(".", "").isdigit() and any(
            octet.startswith("0") and len(octet) > 1 for octet in address.split(".")
        )
    return True
