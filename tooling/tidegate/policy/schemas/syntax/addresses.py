"""Addresses and networks (k8s.io/apimachinery/pkg/util/validation and pkg/apis/core/validation:
ValidateNonSpecialIP)."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.words import wrong
from tidegate.policy.schemas.versions import Minor

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_STRICT = (1, 36)  # before, the gate StrictIPCIDRValidation is off by default
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


def is_address(text: str, minor: Minor) -> bool:
    """Whether a server takes it: older ones allow zeros in front."""
    if "%" in text or "/" in text:
        return False
    network = network_of(text)
    return network is not None and (minor < _STRICT or _is_plain(text, network))


def judge_network(text: str, path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """A network with its prefix, and on newer servers with no bits beyond that."""
    network = network_of(text)
    if "/" not in text or "%" in text or network is None:
        yield wrong(path, text, NETWORK_RULE)
    elif minor >= _STRICT and not _is_plain(text, network):
        yield wrong(path, text, f"{network}, as servers ask for since Kubernetes 1.36")


def network_of(text: str) -> Network | None:
    """The network, whose address may have bits beyond its prefix, as older servers allow."""
    address, slash, bits = text.partition("/")
    if slash and not (bits.isascii() and bits.isdigit()):
        return None
    try:
        return ipaddress.ip_network(f"{_plain(address)}{slash}{bits}", strict=False)
    except ValueError:
        return None


def judge_reachable(text: str, path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """An address that others can reach."""
    network = network_of(text)
    if network is None or not is_address(text, minor):
        yield wrong(path, text, ADDRESS_RULE)
    elif any(network.version == own.version and network.overlaps(own) for own in _SPECIAL):
        yield wrong(path, text, "an address that others can reach, and no loopback or link-local")


def _plain(address: str) -> str:
    if ":" in address or not all(octet.isdigit() for octet in address.split(".")):
        return address
    return ".".join(octet.lstrip("0") or "0" for octet in address.split("."))


def _is_plain(text: str, network: Network) -> bool:
    """No zeros in front, no bits beyond the prefix, and no IPv4 inside of IPv6."""
    address, slash, bits = text.partition("/")
    try:
        own = ipaddress.ip_address(address)
    except ValueError:
        return False
    if isinstance(own, ipaddress.IPv6Address) and own.ipv4_mapped is not None:
        return False
    return not slash or (own == network.network_address and bits == str(network.prefixlen))
