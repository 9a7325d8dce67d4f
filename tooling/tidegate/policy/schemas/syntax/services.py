"""Services (pkg/apis/core/validation: ValidateService)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.addresses import is_address
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_key,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.metadata import judge_label_map
from tidegate.policy.schemas.syntax.ports import PROTOCOLS, judge_port
from tidegate.policy.schemas.syntax.reading import items, number, part, text
from tidegate.policy.schemas.syntax.service_access import judge_access
from tidegate.policy.schemas.syntax.words import (
    MISSING,
    at_least,
    filled,
    named,
    needed,
    one_of,
    wrong,
)
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_TYPES = ("ClusterIP", "NodePort", "LoadBalancer", "ExternalName")
_FIRST_NODE_PORT = 30_000
_OPEN = ("NodePort", "LoadBalancer")
_PATH: FieldPath = ("spec",)


def judge_service(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A Service."""
    spec = part(data, "spec")
    kind = text(spec.get("type")) or "ClusterIP"
    yield from one_of(spec, "type", _TYPES, _PATH)
    yield from one_of(spec, "sessionAffinity", ("ClientIP", "None"), _PATH)
    yield from one_of(spec, "externalTrafficPolicy", ("Cluster", "Local"), _PATH)
    yield from one_of(spec, "internalTrafficPolicy", ("Cluster", "Local"), _PATH)
    yield from judge_label_map(spec.get("selector"), (*_PATH, "selector"))
    if kind == "ExternalName":
        yield from _judge_external(spec)
    yield from _judge_address(spec, kind, minor)
    yield from judge_access(spec, kind, minor)
    yield from _judge_ports(spec, kind)


def _judge_external(spec: dict[str, Any]) -> Iterator[Flaw]:
    yield from needed(spec, "externalName", _PATH, "a host")
    name = text(spec.get("externalName"))
    if name and not is_subdomain(name.removesuffix(".")):
        yield wrong((*_PATH, "externalName"), name, SUBDOMAIN_RULE)
    for key in ("ipFamilies", "ipFamilyPolicy"):
        if spec.get(key):
            yield Flaw((*_PATH, key), "is set; expected none for the type ExternalName")


def _judge_address(spec: dict[str, Any], kind: str, minor: Minor) -> Iterator[Flaw]:
    address, where = text(spec.get("clusterIP")), (*_PATH, "clusterIP")
    if address == "None":
        if kind != "ClusterIP" and kind in _TYPES:
            yield Flaw(where, f"is 'None'; expected none of it for the type {kind}")
    elif address and kind == "ExternalName":
        yield Flaw(where, f"is set; expected none for the type {kind}")
    elif address and not is_address(address, minor):
        yield wrong(where, address, "an address, 'None' or nothing")
    if spec.get("externalTrafficPolicy") and kind not in _OPEN and not spec.get("externalIPs"):
        message = f"is set; expected none for the type {kind}"
        yield Flaw((*_PATH, "externalTrafficPolicy"), message)


def _judge_ports(spec: dict[str, Any], kind: str) -> Iterator[Flaw]:
    ports, path = spec.get("ports"), (*_PATH, "ports")
    headless = kind == "ClusterIP" and spec.get("clusterIP") == "None"
    if not ports and kind != "ExternalName" and not headless:
        yield Flaw(path, f"{MISSING if ports is None else 'is empty'}; expected at least one port")
    many = isinstance(ports, list) and len(ports) > 1
    names: set[str] = set()
    pairs: set[tuple[int | None, str]] = set()
    nodes: set[tuple[int | None, str]] = set()
    for item, where in items(ports, path):
        name, protocol = text(item.get("name")), text(item.get("protocol")) or "TCP"
        if name:
            if not is_label(name):
                yield wrong((*where, "name"), name, LABEL_RULE)
            elif name in names:
                yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier port of the service")
            names.add(name)
        elif many:
            yield Flaw((*where, "name"), f"{MISSING}; expected one where there are several ports")
        yield from at_least(item, "port", 1, where, 65535)
        if item.get("targetPort") not in ("", 0):  # which mean the same as none
            yield from judge_port(item.get("targetPort"), (*where, "targetPort"))
        yield from one_of(item, "protocol", PROTOCOLS, where)
        yield from named(item, "appProtocol", is_key, KEY_RULE, where)
        yield from filled(item, ("appProtocol",), where)
        yield from at_least(item, "nodePort", 0, where, 65535)
        if number(item.get("nodePort")) and kind == "ClusterIP":
            yield Flaw((*where, "nodePort"), f"is set; expected none for the type {kind}")
        elif 0 < (number(item.get("nodePort")) or 0) < _FIRST_NODE_PORT:
            message = f"is {item['nodePort']}; expected a number from {_FIRST_NODE_PORT} to 32767"
            unless = "unless the cluster's API server is told another range"
            yield Flaw((*where, "nodePort"), f"{message}, {unless}", severity=Severity.WARN)
        node = (number(item.get("nodePort")), protocol)
        if node[0] and node in nodes:
            yield Flaw((*where, "nodePort"), f"is {node[0]}, as an earlier port of the service")
        nodes.add(node)
        pair = (number(item.get("port")), protocol)
        if pair in pairs and pair[0] is not None:
            message = f"is {pair[0]}, as an earlier port of the service; expected another number"
            yield Flaw((*where, "port"), message)
        pairs.add(pair)
