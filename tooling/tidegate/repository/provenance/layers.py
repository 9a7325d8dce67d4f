"""A kustomization as a hand that objects go through."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from tidegate.repository.layout import kustomization_file
from tidegate.repository.provenance.fields import (
    affixes,
    metadata_setters,
    transformer_setters,
    workload_setters,
)
from tidegate.repository.provenance.generators import generators
from tidegate.repository.provenance.nodes import (
    Mapping,
    Node,
    Scalar,
    Sequence,
    items,
    mappings,
    text_of,
)
from tidegate.repository.provenance.operations import operations
from tidegate.repository.provenance.replacements import replacements
from tidegate.repository.provenance.selector import Selector, object_selector, read_selector
from tidegate.repository.provenance.setters import Setter, Written
from tidegate.repository.provenance.sources import Sources
from tidegate.repository.provenance.trail import Layer, Trail, trail

_SETTERS = 5_000
_KEPT = 2_000


class Layers:
    """The kustomizations of a Snapshot, each read once."""

    def __init__(self, sources: Sources, contains: Callable[[str, str], bool]) -> None:
        """`contains` says whether a file takes part in what a folder renders."""
        self._sources = sources
        self._contains = contains
        self._layer = lru_cache(_KEPT)(self._read)
        self._trail = lru_cache(_KEPT)(self._walk)

    def file(self, directory: str) -> str | None:
        """The folder's kustomization."""
        return kustomization_file(self._sources.snapshot, directory)

    def trail(self, overlay: str, origin: str | None) -> Trail:
        """The way of an object from its origin to the overlay; from anywhere where that is None."""
        return self._trail(overlay, origin)

    def _walk(self, overlay: str, origin: str | None) -> Trail:
        return trail(overlay, origin, self._layer, self._contains)

    def _read(self, directory: str) -> Layer | None:
        name = self.file(directory)
        file = self._sources.resolve("", name) if name else None
        if name is None or file is None:
            return None
        root = next(iter(self._sources.documents(file)), None)
        if not isinstance(root, Mapping):
            return Layer(file)
        reader = _Reader(self._sources, directory, file, root)
        resources = [*reader.paths("resources"), *reader.paths("bases")]
        folder = self._sources.snapshot.is_directory
        return Layer(
            file=file,
            setters=tuple(reader.setters()),
            generators=tuple(reader.generators()),
            components=tuple(reversed(list(reader.paths("components")))),
            folders=tuple(reversed([path for path in resources if folder(path)])),
            files=tuple(path for path in resources if not folder(path)),
            affixes=affixes(root),
        )


class _Reader:
    """Reads one kustomization's fields."""

    def __init__(self, sources: Sources, directory: str, file: str, root: Mapping) -> None:
        self._sources = sources
        self._directory = directory
        self._file = file
        self._root = root

    def paths(self, field: str) -> Iterator[str]:
        """The files and folders that a list names."""
        for node in items(self._root.value(field)):
            path = self._sources.resolve(self._directory, text_of(node) or "\0")
            if path is not None:
                yield path

    def setters(self) -> Iterator[Setter]:
        """What it does to objects, in the reverse of kustomize's order."""
        for node in reversed(list(items(self._root.value("transformers")))[:_SETTERS]):
            for root, file in self._documents(node):
                if isinstance(root, Mapping):
                    yield from transformer_setters(file, root)
        for entry, file in reversed(list(self._replacements())):
            yield from replacements(file, entry)
        yield from workload_setters(self._file, self._root)
        yield from self._patches("patchesJson6902")
        yield from metadata_setters(self._file, self._root)
        yield from self._patches("patches")
        for node in reversed(list(items(self._root.value("patchesStrategicMerge")))):
            yield from self._patch(node, None)

    def generators(self) -> Iterator[Setter]:
        """The ConfigMaps and Secrets that it makes."""
        for field, kind in (("secretGenerator", "Secret"), ("configMapGenerator", "ConfigMap")):
            yield from generators(self._file, self._root, field, kind, self._lines)

    def _patches(self, field: str) -> Iterator[Setter]:
        for entry in reversed(list(mappings(self._root.value(field)))[:_SETTERS]):
            target = entry.value("target")
            selector = read_selector(target) if isinstance(target, Mapping) else None
            source = entry.value("path") or entry.value("patch")
            if source is not None:
                yield from self._patch(source, selector)

    def _patch(self, source: Node, selector: Selector | None) -> Iterator[Setter]:
        for root, file in self._documents(source):
            if isinstance(root, Sequence):
                if selector is not None:
                    yield from operations(file, root, selector)
            elif isinstance(root, Mapping):
                yield Written(file, root, selector or object_selector(root))

    def _documents(self, source: Node) -> Iterator[tuple[Node, str]]:
        """The documents of a patch, wherever it stands; the last one first."""
        if not isinstance(source, Scalar):
            return
        path = None
        if "\n" not in source.text and len(source.text) < 4_096:
            path = self._sources.resolve(self._directory, source.text)
        if path is not None:
            yield from ((root, path) for root in reversed(self._sources.documents(path)))
        else:
            inline = self._sources.inline(self._file, source)
            yield from ((root, self._file) for root in reversed(inline))

    def _replacements(self) -> Iterator[tuple[Mapping, str]]:
        for node in list(mappings(self._root.value("replacements")))[:_SETTERS]:
            source = node.value("path")
            if source is None:
                yield node, self._file
                continue
            for root, file in self._documents(source):
                many = root.items if isinstance(root, Sequence) else [root]
                yield from ((one, file) for one in many if isinstance(one, Mapping))

    def _lines(self, entry: str) -> tuple[str, tuple[str, ...]] | None:
        path = self._sources.resolve(self._directory, entry)
        text = self._sources.text(path) if path is not None else None
        return (path, tuple(text.splitlines())) if path is not None and text is not None else None
