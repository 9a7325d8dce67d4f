"""Where in the sources a field of a rendered object was set: an overlay's patch before its base."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from tidegate.domain.location import Location
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.domain.snapshot import Snapshot
from tidegate.repository.closure import Closures
from tidegate.repository.layout import KUSTOMIZATIONS
from tidegate.repository.provenance.generators import Generator
from tidegate.repository.provenance.layers import Layers
from tidegate.repository.provenance.names import earlier
from tidegate.repository.provenance.objects import find_object, object_place
from tidegate.repository.provenance.search import search
from tidegate.repository.provenance.selector import Selector, Target
from tidegate.repository.provenance.setters import Setter, Written
from tidegate.repository.provenance.sources import Sources
from tidegate.repository.provenance.steps import Reading
from tidegate.repository.provenance.trail import Trail

_KEPT = 512


@dataclass(frozen=True, slots=True, eq=False)
class _Subject:
    """An object that somebody asks about; `home` is its own place, `known` what was answered."""

    manifest: Manifest
    target: Target
    setters: tuple[Setter, ...]
    home: Location
    known: dict[FieldPath, Location] = field(default_factory=dict)


class Locator:
    """Finds the places of one Snapshot; every file is parsed once, when it is first needed."""

    def __init__(self, snapshot: Snapshot, closures: Closures) -> None:
        self._snapshot = snapshot
        self._closures = closures
        self._paths: dict[str, frozenset[str]] = {}
        self._fetched: set[str] = set()
        self._sources = Sources(snapshot)
        self._layers = Layers(self._sources, self._contains)
        self._subjects: OrderedDict[tuple[str, int], _Subject] = OrderedDict()

    def locate(self, overlay: str, manifest: Manifest | None, field: FieldPath) -> Location:
        """The file, line and column that set a field of an object of the overlay; the nearest
        thing around it where it is missing, and the overlay's own file where nothing is found, or
        no object is meant. Never raises."""
        if manifest is None:
            return self.overlay(overlay)
        try:
            return self.find(overlay, manifest, field)
        except Exception:  # noqa: BLE001 a place that isn't found must not hide what was found
            return self.overlay(overlay)

    def overlay(self, overlay: str) -> Location:
        """The overlay's own place: its kustomization, or the file of plain manifests."""
        directory = self._snapshot.is_directory(overlay)
        file = self._layers.file(overlay) if directory else overlay
        return Location(file, 1, 1) if file is not None else Location(overlay)

    def find(self, overlay: str, manifest: Manifest, field: FieldPath) -> Location:
        """What `locate` answers, without its guard."""
        subject = self._subject(overlay, manifest)
        if field not in subject.known:
            found = search(subject.target, subject.setters, field)
            subject.known[field] = found or subject.home
        return subject.known[field]

    def _subject(self, overlay: str, manifest: Manifest) -> _Subject:
        key = (overlay, id(manifest))
        subject = self._subjects.get(key)
        if subject is None:  # the manifest is kept with it, so that its id stays its own
            subject = self._subjects[key] = self._look_up(overlay, manifest)
            if len(self._subjects) > _KEPT:
                self._subjects.popitem(last=False)
        return subject

    def _look_up(self, overlay: str, manifest: Manifest) -> _Subject:
        origin = self._sources.resolve("", manifest.origin) if manifest.origin else None
        if origin is not None and not self._snapshot.is_file(origin):
            origin = None
        if not self._snapshot.is_directory(overlay):
            file = origin or overlay
            return self._trace(manifest, Trail(), [file]) or self._lost(manifest, overlay)
        self._prefetch(overlay)
        # A patch that replaces all annotations says that the object began with it.
        for start in dict.fromkeys((origin, None)):
            trail = self._layers.trail(overlay, start)
            generated = start is not None and start.rpartition("/")[2] in KUSTOMIZATIONS
            files = trail.files if start is None else () if generated else (start,)
            found = self._trace(manifest, trail, files)
            if found:
                return found
        return self._lost(manifest, origin or overlay)

    def _trace(self, manifest: Manifest, trail: Trail, files: Sequence[str]) -> _Subject | None:
        """The object with its document or generator; None where neither is found."""
        names = earlier(manifest.id.name, trail.affixes)
        found = find_object(self._sources, files, manifest, names)
        if found and found[1].name not in names:
            names = (*names, found[1].name)
        target = Target(
            id=manifest.id,
            data=manifest.data,
            names=names,
            reading=Reading(manifest.data),
            affixes=trail.affixes,
            document=found[1].root if found else None,
            written=found[1].name if found else None,
        )
        setters = tuple(one for one in trail.setters if one.selects(target))
        if found:
            document = Written(found[0], found[1].root, Selector(), patch=False)
            home = object_place(found[0], found[1].root)
            return _Subject(manifest, target, (*setters, document), home)
        generators = [one for one in setters if isinstance(one, Generator)]
        if generators:
            return _Subject(manifest, target, setters, generators[-1].where)
        return None

    def _lost(self, manifest: Manifest, place: str) -> _Subject:
        """An object that nobody wrote, as far as we can see."""
        target = Target(manifest.id, manifest.data, (manifest.id.name,), Reading(manifest.data))
        return _Subject(manifest, target, (), self.overlay(place))

    def _prefetch(self, overlay: str) -> None:
        if overlay not in self._fetched:
            self._fetched.add(overlay)
            self._snapshot.prefetch(self._closures.find([overlay])[overlay].paths)

    def _contains(self, directory: str, path: str) -> bool:
        if directory not in self._paths:
            self._paths[directory] = frozenset(self._closures.find([directory])[directory].paths)
        return path in self._paths[directory]
