"""Who reaches a Service, and how (pkg/apis/core/validation: ValidateService)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.addresses import judge_network, judge_reachable
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, is_key
from tidegate.policy.schemas.syntax.reading import number, part, text
from tidegate.policy.schemas.syntax.words import at_least, filled, named, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_PATH: FieldPath = ("spec",)
_DAY = 86_400
_FILLED = ("internalTrafficPolicy", "ipFamilyPolicy", "trafficDistribution")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("SingleStack", "PreferDualStack", "RequireDualStack")
_DISTRIBUTIONS = ("PreferClose", "PreferSameZone", "PreferSameNode")


def judge_access(spec: dict[str, Any], kind: str, minor: Minor) -> Iterator[Flaw]:
    """A Service of a type: its clients' affinity, its balancer, its families of addresses."""
    if spec.get("sessionAffinity") == "ClientIP":  # else the server drops what is said of it
        where = (*_PATH, "sessionAffinityConfig", "clientIP")
        own = part(spec, "sessionAffinityConfig", "clientIP")
        yield from at_least(own, "timeoutSeconds", 1, where, _DAY)
    yield from _judge_balancer(spec, kind, minor)
    yield from one_of(spec, "ipFamilyPolicy", _FAMILY_POLICIES, _PATH)
    yield from one_of(spec, "trafficDistribution", _DISTRIBUTIONS, _PATH)
    yield from filled(spec, _FILLED, _PATH)
    families = spec.get("ipFamilies")
    for index, family in enumerate(families if isinstance(families, list) else ()):
        for flaw in one_of({"family": family}, "family", _FAMILIES, ()):
            yield flaw._replace(path=(*_PATH, "ipFamilies", index))
        if isinstance(families, list) and family in families[:index]:
            yield Flaw((*_PATH, "ipFamilies", index), f"is {shown(family)}, as an earlier one")
        if family == "":
            yield Flaw((*_PATH, "ipFamilies", index), "is empty; expected 'IPv4' or 'IPv6'")
    yield from _judge_cluster_addresses(spec)
    addresses = spec.get("externalIPs")
    for index, address in enumerate(addresses if isinstance(addresses, list) else ()):
        if isinstance(address, str):
            yield from judge_reachable(address, (*_PATH, "externalIPs", index), minor)


def _judge_cluster_addresses(spec: dict[str, Any]) -> Iterator[Flaw]:
    """All of them, of which the first is written alone, too."""
    addresses, first = spec.get("clusterIPs"), text(spec.get("clusterIP"))
    if isinstance(addresses, list) and addresses:
        if not first:
            yield Flaw((*_PATH, "clusterIPs"), "is set without clusterIP; expected both, or none")
        elif isinstance(addresses[0], str) and addresses[0] != first:
            yield wrong((*_PATH, "clusterIPs", 0), addresses[0], f"clusterIP, {shown(first)}")


def _judge_balancer(spec: dict[str, Any], kind: str, minor: Minor) -> Iterator[Flaw]:
    ranges, path = spec.get("loadBalancerSourceRanges"), (*_PATH, "loadBalancerSourceRanges")
    for index, network in enumerate(ranges if isinstance(ranges, list) else ()):
        if isinstance(network, str):
            yield from judge_network(network.strip(), (*path, index), minor)
    keys = ("loadBalancerClass", "allocateLoadBalancerNodePorts")
    given = [key for key in keys if spec.get(key) is not None]
    if ranges:
        given.append("loadBalancerSourceRanges")
    if kind == "LoadBalancer":
        yield from named(spec, "loadBalancerClass", is_key, KEY_RULE, _PATH)
        yield from filled(spec, ("loadBalancerClass",), _PATH)
    else:
        for key in given:
            yield Flaw((*_PATH, key), f"is set; expected none for the type {kind}")
    local = kind == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local"
    yield from at_least(spec, "healthCheckNodePort", 0, _PATH, 65535)
    if number(spec.get("healthCheckNodePort")) and not local:
        message = "is set; expected none but for a LoadBalancer with externalTrafficPolicy: Local"
        yield Flaw((*_PATH, "healthCheckNodePort"), message)
