"""Addresses and networks (k8s.io/apimachinery/pkg/util/validation and pkg/apis/core/validation:
ValidateNonSpecialIP)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.words import wrong

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

ADDRESS_RULE = "an address such as 10.9.8.7"
NETWORK_RULE = "a network such as 10.0.0.0/8"
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            *("0.0.0.0/32", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/24"),
            *("::/128", "::1/128", "fe80::/10", "ff02::/16"),
        ),
    )
)


def is_address(text: str) -> bool:
    """Whether a server of some version takes it: older ones allow zeros in front."""
    return "%" not in text and "/" not in text and network_of(text) is not None


def network_of(text: str) -> Network | None:
    """The network, whose address may have bits beyond its prefix, as older servers allow."""
    address, slash, bits = text.partition("/")
    if slash and not (bits.isascii() and bits.isdigit()):
        return None
    try:
        return ipaddress.ip_network(f"{_plain(address)}{slash}{bits}", strict=False)
    except ValueError:
        return None


def is_network(text: str) -> bool:
    """Whether it is a network, with its prefix."""
    return "/" in text and "%" not in text and network_of(text) is not None


def judge_reachable(text: str, path: FieldPath) -> Iterator[Flaw]:
    """An address that others can reach."""
    network = network_of(text)
    if network is None or not is_address(text):
        yield wrong(path, text, ADDRESS_RULE)
    elif any(network.version == own.version and network.overlaps(own) for own in _SPECIAL):
        yield wrong(path, text, "an address that others can reach, and no loopback or link-local")


def _plain(address: str) -> str:
    if ":" in address or not all(octet.isdigit() for octet in address.split(".")):
        return address
    return ".".join(octet.lstrip("0") or "0" for octet in address.split("."))
