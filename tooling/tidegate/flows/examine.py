"""Overlays → what rules say of each, with the place of every violation: from the cache where
nothing that takes part has changed, else rendered and inspected anew."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING

from tidegate.domain.examined import Examined
from tidegate.domain.location import Location
from tidegate.domain.manifest import Broken, Built, Manifest, ObjectId
from tidegate.errors import ConfigurationError
from tidegate.flows.rulebook import refuse_unsound
from tidegate.policy.record import dump_inspections, load_inspections
from tidegate.repository.rendered import read, read_some
from tidegate.repository.yaml import FILE_SIZE_LIMIT, decode, require_size

if TYPE_CHECKING:
    from tidegate.domain.closure import Closure
    from tidegate.domain.context import RuleContext
    from tidegate.domain.finding import Inspection, Violation
    from tidegate.domain.rulebook import Rulebook
    from tidegate.domain.snapshot import Snapshot
    from tidegate.ports import Builder, Cache, Checking, Inspector
    from tidegate.repository.closure import Closures
    from tidegate.repository.provenance import Locator
    from tidegate.repository.targets import Target

_FORMAT = "1"
# Rendering begins when the closures of so many are known.
_AT_ONCE = 50


@dataclass(frozen=True)
class Subject:
    """One overlay or file to look at, for a minor version of Kubernetes. `key` names everything
    but its own files that decides what is found: rules, versions, settings."""

    target: Target
    kubernetes: str
    key: str
    make_context: Callable[[], RuleContext]

    @property
    def overlay(self) -> str:
        """The overlay's folder, or the file's path."""
        return self.target.path

    @property
    def plain(self) -> bool:
        """Whether it is a file of plain manifests."""
        return self.target.plain

    @cached_property
    def context(self) -> RuleContext:
        """What is around it; read when it is first asked for."""
        return self.make_context()


@dataclass(frozen=True)
class Examination:
    """The parts that an examination of one Snapshot uses."""

    snapshot: Snapshot
    closures: Closures
    builder: Builder
    inspector: Inspector
    cache: Cache

    @cached_property
    def locator(self) -> Locator:
        """Whoever knows where fields were written; loaded where there is something to tell."""
        from tidegate.repository.provenance import Locator

        return Locator(self.snapshot, self.closures)

    def examine(self, subjects: Sequence[Subject]) -> Iterator[Examined | Broken]:
        """Each subject's result as soon as it is there, in any order."""
        keys: dict[str, str] = {}
        kept: list[Examined] = []

        def left() -> Iterator[Subject]:
            for start in range(0, len(subjects), _AT_ONCE):
                some = subjects[start : start + _AT_ONCE]
                found = self.closures.find(s.overlay for s in some if not s.plain)
                for subject in some:
                    closure = found.get(subject.overlay)
                    # Its files alone don't decide what such a one renders to.
                    key = "" if closure and closure.needs else self._key(subject, closure)
                    known = self._known(key)
                    if known is None:
                        keys[subject.overlay] = key
                        yield subject
                    else:
                        kept.append(known)

        for anew in self._anew(left()):
            if isinstance(anew, Examined):
                self._keep(keys[anew.inspection.overlay], anew)
            yield anew
        yield from kept

    def manifests(self, subject: Subject) -> tuple[Manifest, ...] | Broken:
        """A subject's objects, with their origins; what is wrong where it can't be rendered any
        more."""
        (built,) = self._built([subject], origins=True)
        return built if isinstance(built, Broken) else read(built)

    def place(
        self, overlay: str, violations: Sequence[Violation], manifests: Sequence[Manifest]
    ) -> tuple[Location, ...]:
        """Where each violation was written."""
        by_id: dict[ObjectId, list[Manifest]] = {}
        for manifest in manifests:
            by_id.setdefault(manifest.id, []).append(manifest)

        def meant(violation: Violation) -> Manifest | None:
            alike = by_id.get(violation.object) if violation.object else None
            at = -1 if violation.which is None else violation.which
            return alike[at] if alike and at < len(alike) else None

        return tuple(
            self._entry(overlay, v) or self.locator.locate(overlay, meant(v), v.field)
            for v in violations
        )

    def _entry(self, overlay: str, violation: Violation) -> Location | None:
        """Where an entry of the overlay's kustomization stands, if the violation is about one."""
        if violation.object is not None:
            return None
        named = (("images", self.closures.images), ("patches", self.closures.patches))
        for key, entries in named:
            for entry in entries(overlay):
                if violation.field == (key, entry.position):
                    file = self.locator.overlay(overlay).file
                    return Location(file, entry.line, entry.column)
        return None

    def _context(self, subject: Subject) -> RuleContext:
        images = self.closures.images(subject.overlay)
        patches = self.closures.patches(subject.overlay)
        if images or patches:
            return replace(subject.context, images=images, patches=patches)
        return subject.context

    def _anew(self, subjects: Iterator[Subject]) -> Iterator[Examined | Broken]:
        first = next(subjects, None)
        if first is None:
            return
        by_overlay: dict[str, Subject] = {}
        broken: list[Broken] = []

        def noted() -> Iterator[Subject]:
            for subject in chain([first], subjects):
                by_overlay[subject.overlay] = subject
                yield subject

        def sound() -> Iterator[tuple[Built, RuleContext]]:
            for built in self._built(noted()):
                if isinstance(built, Broken):
                    broken.append(built)
                else:
                    yield built, self._context(by_overlay[built.overlay])

        unplaced: dict[str, Inspection] = {}
        for found in self.inspector.inspect(sound()):
            if isinstance(found, Broken):
                yield found
            elif found.violations:
                unplaced[found.overlay] = found
            else:
                yield Examined(found, ())
        yield from broken
        yield from self._placed([by_overlay[overlay] for overlay in unplaced], unplaced)

    def _placed(
        self, subjects: Sequence[Subject], found: dict[str, Inspection]
    ) -> Iterator[Examined]:
        """Where there is something to tell, the overlay is rendered again with the origins of its
        objects: they cost a third of a rendering, and most overlays are sound."""
        for built in self._built(subjects, origins=True):
            inspection = found.pop(built.overlay)
            manifests = read_some(built)[0] if isinstance(built, Built) else ()
            places = self.place(built.overlay, inspection.violations, manifests)
            yield Examined(inspection, places)

    def _built(
        self, subjects: Iterable[Subject], *, origins: bool = False
    ) -> Iterator[Built | Broken]:
        plain: list[str] = []

        def overlays() -> Iterator[Closure]:
            for subject in subjects:
                if subject.plain:
                    plain.append(subject.overlay)
                else:
                    yield self.closures.find([subject.overlay])[subject.overlay]

        source = overlays()
        first = next(source, None)
        if first is not None:
            closures = chain([first], source)
            yield from self.builder.build(self.snapshot, closures, origins=origins)
        sizes = {path: self.snapshot.entries[path].size for path in plain}
        self.snapshot.prefetch([path for path in plain if sizes[path] <= FILE_SIZE_LIMIT])
        for path in plain:
            try:
                require_size(path, sizes[path], FILE_SIZE_LIMIT)
                yield Built(
                    path, decode(path, self.snapshot.read(path), FILE_SIZE_LIMIT), plain=True
                )
            except ConfigurationError as error:
                yield Broken(path, error.problems)

    def _key(self, subject: Subject, closure: Closure | None) -> str:
        paths = closure.paths if closure else (subject.overlay,)
        entries = self.snapshot.entries
        files = [(path, entries[path].mode, entries[path].id) for path in paths if path in entries]
        parts = [_FORMAT, subject.key, subject.overlay, files]
        return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()

    def _known(self, key: str) -> Examined | None:
        data = self.cache.get(key)
        if data is None:
            return None
        head, _, body = data.partition(b"\n")
        try:
            (found,) = load_inspections(body)
            places = tuple(Location(*place) for place in json.loads(head))
        except (ValueError, TypeError):
            return None
        if isinstance(found, Broken) or len(places) != len(found.violations):
            return None
        return Examined(found, places, cached=True)

    def _keep(self, key: str, found: Examined) -> None:
        places = [[place.file, place.line, place.column] for place in found.places]
        body = dump_inspections([found.inspection])
        self.cache.put(key, json.dumps(places).encode("ascii") + b"\n" + body)


def prepare(
    snapshot: Snapshot,
    closures: Closures,
    rulebook: Rulebook,
    subjects: Iterable[Subject],
    parts: Checking,
) -> Examination:
    """An Examination of a Snapshot's subjects by a rulebook. Raises ConfigurationError where one
    of its policies can't be compiled."""
    versions = sorted({subject.kubernetes for subject in subjects})
    inspector = parts.inspector(rulebook, versions)
    refuse_unsound(rulebook, inspector, parts.cache)
    return Examination(snapshot, closures, parts.builder(), inspector, parts.cache)
