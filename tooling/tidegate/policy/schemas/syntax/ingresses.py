"""Ingresses (pkg/apis/networking/validation: ValidateIngress)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    LABEL_RULE,
    SEGMENT_RULE,
    SUBDOMAIN_RULE,
    is_label,
    is_segment,
    is_subdomain,
    is_wildcard,
)
from tidegate.policy.schemas.syntax.ports import judge_port
from tidegate.policy.schemas.syntax.reading import items, mapping, part, text
from tidegate.policy.schemas.syntax.words import filled, named, needed, one_of, wrong
from tidegate.policy.schemas.words import shown

_PATH: FieldPath = ("spec",)
_OCTET = r"0*(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
_OCTETS = re.compile(rf"{_OCTET}(?:\.{_OCTET}){{3}}")
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
    yield from filled(spec, ("ingressClassName",), _PATH)
    for rule, where in items(spec.get("rules"), (*_PATH, "rules")):
        yield from _judge_host(rule.get("host"), (*where, "host"))
        if _is_address(rule.get("host")):  # a certificate may be for one
            yield wrong((*where, "host"), rule["host"], "a host's name, and no address")
        paths = (*where, "http", "paths")
        if part(rule, "http").get("paths") == []:
            yield Flaw(paths, "is empty; expected at least one path")
        for item, inner in items(part(rule, "http").get("paths"), paths):
            yield from _judge_path(item, inner)
    for entry, where in items(spec.get("tls"), (*_PATH, "tls")):
        hosts = entry.get("hosts")
        for index, host in enumerate(hosts if isinstance(hosts, list) else ()):
            if host == "":
                yield Flaw((*where, "hosts", index), "is empty; expected a host")
            yield from _judge_host(host, (*where, "hosts", index))
        yield from named(entry, "secretName", is_subdomain, SUBDOMAIN_RULE, where)


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
        elif any(piece in text(target) for piece in ("//", "/./", "/../", "%2f", "%2F")) or text(
            target
        ).endswith(("/.", "/..")):
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
    if isinstance(resource, dict):
        for key in ("kind", "name"):
            yield from needed(resource, key, (*path, "resource"))
            yield from named(resource, key, is_segment, SEGMENT_RULE, (*path, "resource"))
        yield from named(resource, "apiGroup", is_subdomain, SUBDOMAIN_RULE, (*path, "resource"))
    if not isinstance(service, dict):
        return
    where = (*path, "service")
    if "name" in service:
        yield from needed(service, "name", where, "a service's name")
        yield from named(service, "name", is_label, LABEL_RULE, where)
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


def _is_address(host: object) -> bool:
    """Whether it is an IPv4 address, zeros before a number aside: one of IPv6 is no name anyway."""
    return isinstance(host, str) and _OCTETS.fullmatch(host) is not None
