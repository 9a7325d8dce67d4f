"""Whose pods answer for an app in a rendering, and what a change by hand may not make of that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.image import name_of
from tidegate.domain.manifest import Manifest, ObjectId
from tidegate.domain.text import one_line
from tidegate.flows.verification.running import Objects, key_of

_Labels = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Pods:
    """The pods that an object makes, or is."""

    id: ObjectId
    labels: _Labels
    images: tuple[str, ...]

    def run(self, image: str) -> bool:
        """Whether one of their containers runs it."""
        return any(name_of(other) == image for other in self.images)

    def match(self, selector: _Labels) -> bool:
        """Whether a selector finds them; an empty one finds nobody."""
        return bool(selector) and selector.items() <= self.labels.items()


def compare_answers(old: Objects, new: Objects, image: str) -> Iterator[str]:
    """Each workload that would get between the app's image and who asks it: with pods that what
    finds the app's would find too; and each Service that would not find the app's any more."""
    was, will = _pods(old), _pods(new)
    ours = [pods for pods in was if pods.run(image)]
    services = _services(old)
    kept = {key: found for key, found in _services(new).items() if key in services}
    selectors = [found for _, found in services.values()] + [found for _, found in kept.values()]
    selectors += [_selector(item) for item in old]
    leading = [found for found in selectors if any(pods.match(found) for pods in ours)]
    known = {key_of(pods.id) for pods in was if any(pods.match(found) for found in leading)}
    for pods in will:
        others = [other for other in pods.images if name_of(other) != image]
        if key_of(pods.id) in known or not others:
            continue
        if any(pods.match(found) for found in leading):
            yield f"{pods.id} would answer for {image} with {one_line(others[0])}"
    for key, (name, found) in kept.items():
        led = any(pods.match(services[key][1]) for pods in ours)
        if led and not any(pods.match(found) for pods in will if pods.run(image)):
            yield f"{name} would not lead to {image} any more"


def _pods(objects: Objects) -> list[_Pods]:
    """All pods, wherever their specification is."""
    found: list[_Pods] = []
    for item in objects:
        left: list[Any] = [item.data]
        while left:
            value = left.pop()
            if isinstance(value, Mapping):
                containers = _mapping(value.get("spec")).get("containers")
                if isinstance(containers, list):
                    labels = _mapping(_mapping(value.get("metadata")).get("labels"))
                    images = [_mapping(container).get("image") for container in containers]
                    texts = tuple(image for image in images if isinstance(image, str))
                    found.append(_Pods(item.id, labels, texts))
                left += value.values()
            elif isinstance(value, list):
                left += value
    return found


def _services(objects: Objects) -> dict[tuple[str, ...], tuple[ObjectId, _Labels]]:
    """Each Service's selector."""
    return {
        key_of(item.id): (item.id, _mapping(_mapping(item.data.get("spec")).get("selector")))
        for item in objects
        if item.id.kind == "Service"
    }


def _selector(item: Manifest) -> _Labels:
    """What a workload finds its own pods by."""
    selector = _mapping(_mapping(item.data.get("spec")).get("selector"))
    return _mapping(selector.get("matchLabels"))


def _mapping(value: Any) -> _Labels:
    return value if isinstance(value, Mapping) else {}
