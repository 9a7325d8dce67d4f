"""The way of an object through every kustomization that had it in hand."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tidegate.repository.provenance.setters import Setter

_INCLUSIONS = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class Layer:
    """One folder's kustomization. `setters` and `generators` have the last one first, as have
    `components` and `folders`; `files` are the resources that are files."""

    file: str
    setters: tuple[Setter, ...] = ()
    generators: tuple[Setter, ...] = ()
    components: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    affixes: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True, eq=False)
class Trail:
    """Everything that an object of one origin went through, outermost first."""

    setters: tuple[Setter, ...] = ()
    affixes: tuple[tuple[str, str], ...] = ()
    files: tuple[str, ...] = ()


def trail(
    overlay: str,
    origin: str | None,
    layer: Callable[[str], Layer | None],
    contains: Callable[[str, str], bool],
) -> Trail:
    """The way of an object from its origin to the overlay; from anywhere where that is None.
    `contains` says whether a file takes part in what a folder renders."""
    walk = _Walk(layer, contains, origin)
    walk.resources(overlay)
    return Trail(tuple(walk.setters), tuple(walk.affixes), tuple(walk.files))


class _Walk:
    """Collects a trail. Every folder is entered once, so that a circle ends."""

    def __init__(
        self,
        layer: Callable[[str], Layer | None],
        contains: Callable[[str, str], bool],
        origin: str | None,
    ) -> None:
        self._layer = layer
        self._contains = contains
        self._origin = origin
        self._seen: set[str] = set()
        self.setters: list[Setter] = []
        self.affixes: list[tuple[str, str]] = []
        self.files: list[str] = []

    def resources(self, directory: str) -> bool:
        """Goes down to where the object was read or made; whether it was below this folder."""
        layer = self._enter(directory)
        if layer is None:
            return False
        for component in layer.components:
            if self._component(component):
                return True
        self.setters += layer.generators
        origin = self._origin
        if origin in layer.files:
            return True
        for folder in layer.folders:
            below = origin is None or self._contains(folder, origin)
            if below and self.resources(folder) and origin is not None:
                return True
        return origin == layer.file

    def _component(self, directory: str) -> bool:
        """A component changes what its overlay has; only what it adds itself begins there."""
        origin = self._origin
        if origin is not None and self._contains(directory, origin):
            return self.resources(directory)
        layer = self._enter(directory)
        if layer is not None:
            for inner in layer.components:
                self._component(inner)
            self.setters += layer.generators
        return False

    def _enter(self, directory: str) -> Layer | None:
        if directory in self._seen or len(self._seen) >= _INCLUSIONS:
            return None
        self._seen.add(directory)
        layer = self._layer(directory)
        if layer is not None:
            self.setters += layer.setters
            if any(layer.affixes):
                self.affixes.append(layer.affixes)
            self.files += layer.files
        return layer
