"""kustomize's output: its documents, the ones that differ, and the images that they run."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from tidegate.domain.rendering import Rendering
from tidegate.repository.objects import read_object

if TYPE_CHECKING:
    from tidegate.domain.manifest import Object

_SEPARATOR = re.compile(r"^---\n", re.MULTILINE)
_CONTAINERS = ("containers", "initContainers", "ephemeralContainers")


def split(text: str) -> list[str]:
    """The documents' texts. A `---` inside a block scalar is indented, and so no separator."""
    return [document for document in _SEPARATOR.split(text) if document.strip()]


def compare(before: str, after: str) -> Rendering:
    """The Rendering of two outputs; equal documents aren't parsed. Raises Unreadable."""
    old, new = split(before), split(after)
    kept = Counter(old) & Counter(new)
    removed, added = _without(old, kept), _without(new, kept)
    objects = [read_object(document) for document in added]
    images = {image for item in objects for image in _images(item)}
    for document in kept:
        # The emitter never escapes letters, so that this text is in each document with containers.
        if "ontainers:" in document and "image:" in document:
            images.update(_images(read_object(document)))
    return Rendering(
        before=_sorted([read_object(document) for document in removed]),
        after=_sorted(objects),
        images=frozenset(images),
        objects=len(new),
    )


def _without(documents: list[str], kept: Counter[str]) -> list[str]:
    left = Counter(kept)
    rest = []
    for document in documents:
        if left[document]:
            left[document] -= 1
        else:
            rest.append(document)
    return rest


def _sorted(objects: Sequence[Object]) -> tuple[Object, ...]:
    """By kind, namespace and name: kustomize's order isn't the same for batches."""

    def identity(item: Object) -> tuple[str, ...]:
        metadata = item.get("metadata")
        inner = metadata if isinstance(metadata, dict) else {}
        parts = (
            item.get("kind"),
            inner.get("namespace"),
            inner.get("name"),
            item.get("apiVersion"),
        )
        return tuple(str(part or "") for part in parts)

    return tuple(sorted(objects, key=identity))


def _images(value: Any) -> Iterator[str]:
    """The image of every container, wherever a pod's specification is."""
    left = [value]
    while left:
        item = left.pop()
        if isinstance(item, dict):
            for key in _CONTAINERS:
                containers = item.get(key)
                for container in containers if isinstance(containers, list) else ():
                    image = container.get("image") if isinstance(container, dict) else None
                    if isinstance(image, str):
                        yield image
            left.extend(item.values())
        elif isinstance(item, list):
            left.extend(item)
