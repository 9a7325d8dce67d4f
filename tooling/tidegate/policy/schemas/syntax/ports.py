"""Port numbers and names (pkg/apis/core/validation: validateContainerPorts,
ValidatePortNumOrName)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import PORT_NAME_RULE, is_port_name
from tidegate.policy.schemas.syntax.reading import items, number, text
from tidegate.policy.schemas.syntax.words import at_least, one_of, wrong
from tidegate.policy.schemas.words import shown

PROTOCOLS = ("TCP", "UDP", "SCTP")
NUMBER_RULE = "a number from 1 to 65535"


def judge_port(value: Any, path: FieldPath, *, names: bool = True) -> Iterator[Flaw]:
    """A port to reach something at: a number, or a name."""
    if isinstance(value, str):
        if names and not is_port_name(value):
            yield wrong(path, value, f"{NUMBER_RULE}, or a port's name: {PORT_NAME_RULE}")
        return
    port = number(value)
    if port is not None and not 1 <= port <= 65535:
        yield wrong(path, value, NUMBER_RULE)


def judge_container_ports(container: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The ports that a container opens, but for those of its node."""
    seen: set[str] = set()
    for item, where in items(container.get("ports"), (*path, "ports")):
        name = text(item.get("name"))
        if name:
            if not is_port_name(name):
                yield wrong((*where, "name"), name, PORT_NAME_RULE)
            elif name in seen:
                yield Flaw((*where, "name"), f"is {shown(name)}, as another port of the container")
            seen.add(name)
        yield from at_least(item, "containerPort", 1, where, 65535)
        yield from at_least(item, "hostPort", 0, where, 65535)
        yield from one_of(item, "protocol", PROTOCOLS, where)


def judge_host_ports(pod: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The node's ports that a pod's containers open: each of them once."""
    seen: set[tuple[str, str, int]] = set()
    shared = pod.get("hostNetwork") is True
    for container, inner in items(pod.get("containers"), (*path, "containers")):
        for item, where in items(container.get("ports"), (*inner, "ports")):
            port = number(item.get("hostPort"))
            if not port:
                continue
            key = (text(item.get("protocol")) or "TCP", text(item.get("hostIP")), port)
            if key in seen:
                yield Flaw((*where, "hostPort"), f"is {port}, as an earlier port of the pod")
            seen.add(key)
            own = number(item.get("containerPort"))
            if shared and own is not None and port != own:
                expected = f"containerPort, {own}, where hostNetwork is true"
                yield wrong((*where, "hostPort"), port, expected)
