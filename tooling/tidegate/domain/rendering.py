"""What an overlay renders to, before and after a promotion."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.manifest import Object


@dataclass(frozen=True, slots=True)
class Rendering:
    """`before` and `after` hold only the objects that differ, in the renderer's order;
    `images` holds every container image of the whole rendering after."""

    before: tuple[Object, ...]
    after: tuple[Object, ...]
    images: frozenset[str]
    objects: int
