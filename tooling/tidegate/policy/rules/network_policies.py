"""Network policies: the ports that they open by name are ports of the pods that they guard."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.labels import selector_of
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.services import INJECTED_PORTS, Meant, select_pods
from tidegate.policy.rules.shapes import at, entries, shown, text
from tidegate.policy.rules.spelling import port_hint

_POLICY, _GROUPS = "NetworkPolicy", frozenset({"networking.k8s.io"})


def _judge(inventory: Inventory) -> Iterator[Found]:
    """Ports of ingress alone: those of egress are ports of pods that may be anywhere, and so are
    the pods of a policy for a whole namespace."""
    if inventory.has_unknown_pods:
        return
    for manifest in inventory.of(_POLICY, groups=_GROUPS):
        selector = selector_of(at(manifest.data, "spec", "podSelector"))
        if selector is None or selector.is_empty:
            continue
        meant = select_pods(inventory, selector, manifest.id.namespace)
        if meant.pods and meant.are_readable:
            for index, rule in entries(manifest.data, "spec", "ingress"):
                for number, port in entries(rule, "ports"):
                    path = ("spec", "ingress", index, "ports", number, "port")
                    protocol = text(port.get("protocol")) or "TCP"
                    yield from _unknown(manifest, meant, text(port.get("port")), protocol, path)


def _unknown(
    manifest: Manifest, meant: Meant, name: str, protocol: str, path: FieldPath
) -> Iterator[Found]:
    protocols = meant.named.get(name, frozenset())
    spoken = name and not name.isdigit() and "$" not in name
    if not spoken or protocol in protocols or name in INJECTED_PORTS:
        return
    owner = title(meant.pods[0].owner)
    lacks = f"has as {shown(min(protocols))}" if protocols else "does not have"
    hint = "" if protocols else port_hint(name, [*meant.named])
    message = (
        f"{title(manifest)} opens the {shown(protocol)} port '{shown(name)}', which {owner} "
        f"{lacks}{hint}"
    )
    yield Found(message, manifest.id, path)


NETWORK_POLICY_PORT = Rule(
    "networkpolicy-port",
    Severity.WARN,
    "network",
    why="A policy that opens a port which no container has lets nobody in.",
    fix="Name a port of the pods' containers, or give its number.",
    link="https://kubernetes.io/docs/concepts/services-networking/network-policies/",
    judge=_judge,
    about=frozenset({_POLICY}),
)
