"""References to a Service and one of its ports, looked up the same way for whoever has them."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import absent, title
from tidegate.policy.rules.rule import Found
from tidegate.policy.rules.services import SERVICE
from tidegate.policy.rules.shapes import at, entries, integer, listed, shown, text
from tidegate.policy.rules.spelling import port_hint


def port_names(service: Manifest) -> list[str]:
    """The names of a Service's ports."""
    return [
        name for _, p in entries(service.data, "spec", "ports") if (name := text(p.get("name")))
    ]


def port_numbers(service: Manifest) -> list[int]:
    """The numbers of a Service's ports."""
    found = (integer(p.get("port")) for _, p in entries(service.data, "spec", "ports"))
    return [number for number in found if number is not None]


def wrong_backend(
    inventory: Inventory,
    manifest: Manifest,
    name: str,
    field: FieldPath,
    port: object = None,
    port_field: FieldPath = (),
) -> Iterator[Found]:
    """What is wrong with a reference to a Service, and to its port where one is given: a number,
    or a name."""
    found = absent(inventory, manifest, field, SERVICE, name, doing="sends to")
    if found:
        yield found
        return
    for service in inventory.find(SERVICE, manifest.id.namespace, name):
        if service.id.group != "" or at(service.data, "spec", "type") == "ExternalName":
            return
        yield from _wrong_port(manifest, service, port, port_field)
        return


def _wrong_port(
    manifest: Manifest, service: Manifest, port: object, field: FieldPath
) -> Iterator[Found]:
    start = f"{title(manifest)} sends to"
    if isinstance(port, str) and port:
        names = port_names(service)
        if port not in names:
            hint = port_hint(port, names)
            message = (
                f"{start} the port '{shown(port)}', which {title(service)} does not have{hint}"
            )
            yield Found(message, manifest.id, field)
        return
    number, numbers = integer(port), port_numbers(service)
    if number is None or number in numbers or not numbers:
        return
    known = listed([str(n) for n in numbers])
    message = f"{start} port {number}, and {title(service)} has {known}"
    yield Found(message, manifest.id, field)
