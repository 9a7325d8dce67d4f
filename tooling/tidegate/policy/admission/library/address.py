"""Kubernetes' IP addresses and networks in CIDR notation."""

from __future__ import annotations

import ipaddress
from functools import partial
from typing import Any

from tidegate.policy.admission.library.signature import (
    Function,
    Refused,
    member,
    plain,
    takes,
    unwrap,
    wrap,
)

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _address(text: str) -> _Address:
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        raise Refused(f'IP Address "{text}" parse error during conversion from string') from None
    if isinstance(address, ipaddress.IPv6Address):
        if address.scope_id is not None:
            raise Refused(f'IP address "{text}" with zone value is not allowed')
        if address.ipv4_mapped is not None:
            raise Refused(f'IPv4-mapped IPv6 address "{text}" is not allowed')
    return address


def _prefix(text: str) -> tuple[_Address, int]:
    address, _, bits = text.partition("/")
    number = int(bits) if bits.isdecimal() and bits.isascii() and len(bits) <= 3 else -1
    parsed = _address(address)
    leading = len(bits) > 1 and bits[0] == "0"
    if leading or not 0 <= number <= parsed.max_prefixlen:
        raise Refused("network address parse error during conversion from string")
    return parsed, number


def ip(text: str) -> dict[str, str]:
    """The address that the text says."""
    return wrap("IP", str(_address(text)))


def cidr(text: str) -> dict[str, str]:
    """The network that the text says, with the bits behind the mask that it has."""
    address, bits = _prefix(text)
    return wrap("CIDR", f"{address}/{bits}")


def _ip(value: Any) -> _Address:
    return _address(unwrap("IP", value))


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    address, bits = _prefix(text)
    return ipaddress.ip_network(f"{address}/{bits}", strict=False)


def _contains_ip(value: Any, text: str) -> bool:
    return _address(text) in _network(unwrap("CIDR", value))


def _contains_cidr(value: Any, text: str) -> bool:
    outer, inner = _network(unwrap("CIDR", value)), _network(text)
    return (
        outer.version == inner.version
        and outer.prefixlen <= inner.prefixlen
        and (inner.network_address in outer)
    )


def _masked(value: Any) -> dict[str, str]:
    return wrap("CIDR", str(_network(unwrap("CIDR", value))))


def _link_local_multicast(address: _Address) -> bool:
    if address.version == 4:
        return address.packed[:3] == b"\xe0\x00\x00"
    return address.packed[0] == 0xFF and address.packed[1] & 0x0F == 0x02


def _global(address: _Address) -> bool:
    """What Go calls global unicast: private addresses too."""
    broadcast = address.version == 4 and address.packed == b"\xff\xff\xff\xff"
    return not (
        broadcast
        or address.is_unspecified
        or address.is_loopback
        or address.is_multicast
        or address.is_link_local
    )


FUNCTIONS: tuple[Function, ...] = (
    plain("ip", "string", "IP", ip),
    plain("isIP", "string", "bool", partial(takes, ip)),
    plain("ip.isCanonical", "string", "bool", lambda text: str(_address(text)) == text),
    member("family", "IP", "int", lambda value: _ip(value).version),
    member("isUnspecified", "IP", "bool", lambda value: _ip(value).is_unspecified),
    member("isLoopback", "IP", "bool", lambda value: _ip(value).is_loopback),
    member("isLinkLocalMulticast", "IP", "bool", lambda value: _link_local_multicast(_ip(value))),
    member("isLinkLocalUnicast", "IP", "bool", lambda value: _ip(value).is_link_local),
    member("isGlobalUnicast", "IP", "bool", lambda value: _global(_ip(value))),
    plain("cidr", "string", "CIDR", cidr),
    plain("isCIDR", "string", "bool", partial(takes, cidr)),
    member("containsIP", "CIDR string", "bool", _contains_ip),
    member("containsIP", "CIDR IP", "bool", lambda a, b: _contains_ip(a, unwrap("IP", b))),
    member("containsCIDR", "CIDR string", "bool", _contains_cidr),
    member("containsCIDR", "CIDR CIDR", "bool", lambda a, b: _contains_cidr(a, unwrap("CIDR", b))),
    member("ip", "CIDR", "IP", lambda value: wrap("IP", str(_prefix(unwrap("CIDR", value))[0]))),
    member("masked", "CIDR", "CIDR", _masked),
    member("prefixLength", "CIDR", "int", lambda value: _prefix(unwrap("CIDR", value))[1]),
    plain("string", "IP", "string", lambda value: unwrap("IP", value)),
    plain("string", "CIDR", "string", lambda value: unwrap("CIDR", value)),
)
