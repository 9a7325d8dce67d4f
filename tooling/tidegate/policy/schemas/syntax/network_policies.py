"""Network policies (pkg/apis/networking/validation: ValidateNetworkPolicySpec)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.addresses import judge_network, network_of
from tidegate.policy.schemas.syntax.ports import PROTOCOLS, judge_port
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.selectors import judge_selector
from tidegate.policy.schemas.syntax.words import at_least, filled, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import choice

_PATH: FieldPath = ("spec",)
_TYPES = ("Ingress", "Egress")


def judge_network_policy(data: dict[str, Any], minor: Minor) -> Iterator[Flaw]:
    """A NetworkPolicy."""
    spec = part(data, "spec")
    yield from judge_selector(spec.get("podSelector"), (*_PATH, "podSelector"))
    types, path = spec.get("policyTypes"), (*_PATH, "policyTypes")
    for index, name in enumerate(types if isinstance(types, list) else ()):
        for flaw in one_of({"type": name}, "type", _TYPES, ()):
            yield flaw._replace(path=(*path, index))
        if name == "":
            yield Flaw((*path, index), f"is empty; expected {choice(_TYPES)}")
    if isinstance(types, list) and len(types) > len(_TYPES):
        yield Flaw(path, f"has {len(types)} types; expected at most {len(_TYPES)}")
    for key, peers in (("ingress", "from"), ("egress", "to")):
        for rule, where in items(spec.get(key), (*_PATH, key)):
            for port, inner in items(rule.get("ports"), (*where, "ports")):
                yield from judge_port(port.get("port"), (*inner, "port"))
                yield from one_of(port, "protocol", PROTOCOLS, inner)
                yield from filled(port, ("protocol",), inner)
                yield from _judge_end(port, inner)
            for peer, inner in items(rule.get(peers), (*where, peers)):
                yield from _judge_peer(peer, inner, minor)


def _judge_end(port: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    first, end, where = port.get("port"), number(port.get("endPort")), (*path, "endPort")
    if end is None:
        return
    if first is None:
        yield Flaw(where, "is set without port; expected the first port of the range beside it")
    elif isinstance(first, str):
        yield Flaw(where, "is set beside a port's name; expected a number as port")
    elif (start := number(first)) is not None and end < start:
        yield wrong(where, end, f"at least port, {start}")
    else:
        yield from at_least(port, "endPort", 1, path, 65535)


def _judge_peer(peer: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    selectors = [key for key in ("podSelector", "namespaceSelector") if peer.get(key) is not None]
    for key in selectors:
        yield from judge_selector(peer[key], (*path, key))
    block = peer.get("ipBlock")
    if block is None and not selectors:
        yield Flaw(path, "names nobody; expected a selector or an ipBlock")
    elif block is not None and selectors:
        yield Flaw((*path, "ipBlock"), f"is set beside {selectors[0]}; expected one of them")
    yield from _judge_block(mapping(block), (*path, "ipBlock"), minor)


def _judge_block(block: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    cidr, others = text(block.get("cidr")), block.get("except")
    yield from filled(block, ("cidr",), path)
    if cidr:
        yield from judge_network(cidr, (*path, "cidr"), minor)
    around = network_of(cidr)
    for index, other in enumerate(others if isinstance(others, list) else ()):
        if not isinstance(other, str):
            continue
        inner, where = network_of(other), (*path, "except", index)
        yield from judge_network(other, where, minor)
        if inner is None or around is None or "/" not in other:
            continue
        if not (
            inner.version == around.version
            and inner.prefixlen > around.prefixlen
            and inner.network_address in around
        ):
            yield wrong(where, other, f"a part of cidr, {cidr}")
