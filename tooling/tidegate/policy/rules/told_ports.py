"""Ports that no container declares, and that a program is told all the same."""

from __future__ import annotations

import re

from tidegate.policy.rules.hearsay import texts_of
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.pods import Pods
from tidegate.policy.rules.shapes import entries

_NUMBER = re.compile(r"(?<![0-9])[0-9]{2,5}(?![0-9])")
_TELLING = ("args", "command")


def is_told(inventory: Inventory, pods: Pods, port: int) -> bool:
    """Whether the port's number stands in the arguments, environment or annotations of the pods,
    or in a ConfigMap of the overlay."""
    number = str(port)
    if number in inventory.once("numbers of ConfigMaps", _in_config):
        return True
    said: list[object] = [pods.template_annotations]
    for container in pods.containers:
        said += [container.data.get(key) for key in _TELLING]
        said += [item.get("value") for _, item in entries(container.data, "env")]
    return number in _numbers(said)


def _in_config(inventory: Inventory) -> frozenset[str]:
    return _numbers([manifest.data.get("data") for manifest in inventory.of("ConfigMap")])


def _numbers(values: list[object]) -> frozenset[str]:
    return frozenset(number for text in texts_of(values) for number in _NUMBER.findall(text))
