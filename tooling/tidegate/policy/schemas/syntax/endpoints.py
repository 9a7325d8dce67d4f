"""Endpoint slices and leases (pkg/apis/{discovery,coordination}/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.addresses import judge_network, judge_reachable, network_of
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    LABEL_RULE,
    SUBDOMAIN_RULE,
    is_key,
    is_label,
    is_subdomain,
)
from tidegate.policy.schemas.syntax.ports import PROTOCOLS
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.words import MISSING, at_least, filled, named, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_VERSIONS = {"IPv4": 4, "IPv6": 6}
_ADDRESSES = ("addresses", "notReadyAddresses")
_KINDS = (*_VERSIONS, "FQDN")


def judge_endpoint_slice(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """An EndpointSlice: its addresses are of its type, its ports have names of their own."""
    yield from one_of(data, "addressType", _KINDS, ())
    yield from filled(data, ("addressType",), ())
    kind = text(data.get("addressType"))
    for item, where in items(data.get("endpoints"), ("endpoints",)):
        addresses = item.get("addresses")
        if addresses == []:
            yield Flaw((*where, "addresses"), "is empty; expected at least one address")
        for index, address in enumerate(addresses if isinstance(addresses, list) else ()):
            if isinstance(address, str):
                yield from _judge_address(address, kind, (*where, "addresses", index), minor)
        yield from filled(item, ("hostname", "nodeName"), where)
        yield from named(item, "hostname", is_label, LABEL_RULE, where)
        yield from named(item, "nodeName", is_subdomain, SUBDOMAIN_RULE, where)
    seen: set[str] = set()
    for item, where in items(data.get("ports"), ("ports",)):
        name = text(item.get("name"))
        if name in seen:
            yield Flaw((*where, "name"), f"is {shown(name)}, as an earlier port of the slice")
        seen.add(name)
        yield from named(item, "name", is_label, LABEL_RULE, where)
        yield from named(item, "appProtocol", is_key, KEY_RULE, where)
        yield from one_of(item, "protocol", PROTOCOLS, where)
        yield from filled(item, ("appProtocol", "protocol"), where)


def judge_endpoints(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """Endpoints, the older kind."""
    for subset, path in items(data.get("subsets"), ("subsets",)):
        if not any(subset.get(key) for key in _ADDRESSES):
            yield Flaw(path, f"names nobody; expected {' or '.join(_ADDRESSES)}")
        for key in _ADDRESSES:
            for item, where in items(subset.get(key), (*path, key)):
                if isinstance(item.get("ip"), str):
                    yield from judge_reachable(item["ip"], (*where, "ip"), minor)
                yield from named(item, "hostname", is_label, LABEL_RULE, where)
                yield from named(item, "nodeName", is_subdomain, SUBDOMAIN_RULE, where)
                yield from filled(item, ("nodeName",), where)
        ports = subset.get("ports")
        many = isinstance(ports, list) and len(ports) > 1
        for item, where in items(ports, (*path, "ports")):
            if many and not item.get("name"):
                message = f"{MISSING}; expected one where there are several ports"
                yield Flaw((*where, "name"), message)
            yield from named(item, "name", is_label, LABEL_RULE, where)
            yield from at_least(item, "port", 1, where, 65535)
            yield from one_of(item, "protocol", PROTOCOLS, where)
            yield from named(item, "appProtocol", is_key, KEY_RULE, where)
            yield from filled(item, ("appProtocol",), where)


def judge_lease(data: dict[str, Any]) -> Iterator[Flaw]:
    """A Lease."""
    spec = part(data, "spec")
    yield from at_least(spec, "leaseDurationSeconds", 1, ("spec",))
    yield from at_least(spec, "leaseTransitions", 0, ("spec",))


def judge_service_cidr(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A ServiceCIDR: the networks that Services get addresses of."""
    networks, path = part(data, "spec").get("cidrs"), ("spec", "cidrs")
    for index, network in enumerate(networks if isinstance(networks, list) else ()):
        if isinstance(network, str):
            yield from judge_network(network, (*path, index), minor)


def _judge_address(address: str, kind: str, path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    if kind == "FQDN":
        if not is_subdomain(address) or "." not in address:
            yield wrong(path, address, f"a host with its domain: {SUBDOMAIN_RULE}")
    elif kind in _VERSIONS:
        network = network_of(address)
        if network is not None and network.version != _VERSIONS[kind]:
            yield wrong(path, address, f"an {kind} address")
        else:
            yield from judge_reachable(address, path, minor)
