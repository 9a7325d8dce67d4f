"""What registries' hosts are called, and how they are spoken to."""

from __future__ import annotations

import ipaddress

DOCKER_HUB = "docker.io"
_DOCKER_HUB_API = "registry-1.docker.io"


def api_host(registry: str) -> str:
    """The host that answers for a registry; only Docker Hub's differs from its name."""
    return _DOCKER_HUB_API if registry in (DOCKER_HUB, "index.docker.io") else registry


def speaks_plain_http(host: str, plain_http: frozenset[str]) -> bool:
    """Whether a host (with its port) is spoken to without TLS: when it is listed, or when it is
    this machine itself."""
    return host.lower() in plain_http or is_loopback(host)


def is_loopback(host: str) -> bool:
    """Whether a host (with or without a port) is this machine, judged by its name alone."""
    name = host.lower()
    if name.startswith("["):
        name = name[1:].partition("]")[0]
    elif name.count(":") == 1:
        name = name.partition(":")[0]
    if name == "localhost":
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
