"""One folder's kustomization, with all that it refers to found in the Snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.expansion import check_expansion
from tidegate.repository.known import Known
from tidegate.repository.links import Resolved, Unresolvable, join, resolve
from tidegate.repository.references import (
    CHART,
    FILE,
    FOLDER,
    FUNCTION,
    FUNCTION_MARK,
    PLUGIN,
    REMOTE,
    Reference,
    References,
    find_references,
)
from tidegate.repository.yaml import load

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FILE_SIZE_LIMIT = 4 * 1024 * 1024

_SHOWN = 80
_NO_PLUGINS = "runs a function; Tidegate renders without plugins"


@dataclass(frozen=True, slots=True)
class Inclusion:
    """A folder that a kustomization includes, and where it says so."""

    path: str
    file: str
    line: int
    column: int
    key: str

    def problem(self, message: str) -> Problem:
        """A Problem at this very entry."""
        return Problem(self.file, self.line, self.column, self.key, message)


@dataclass(frozen=True, slots=True)
class KustomizationFile:
    """One folder's kustomization. `paths` has the file itself and the links on the way too."""

    file: str
    paths: frozenset[str] = frozenset()
    directories: tuple[Inclusion, ...] = ()
    keys: frozenset[str] = frozenset()
    generated: frozenset[str] = frozenset()
    namespace: str | None = None
    problems: tuple[Problem, ...] = ()
    missing: frozenset[str] = frozenset()


class Parser:
    """Reads the kustomization files of a Snapshot's folders; a text that is known isn't read."""

    def __init__(self, snapshot: Snapshot, known: Known) -> None:
        self._snapshot = snapshot
        self._known = known

    def parse(self, directories: Iterable[str]) -> dict[str, KustomizationFile]:
        """Each folder's kustomization; what is wrong is in its `problems`."""
        found = {directory: self._locate(directory) for directory in directories}
        entries = self._snapshot.entries
        self._snapshot.read_many(
            file.path
            for _, file in found.values()
            if isinstance(file, Resolved)
            and entries[file.path].id not in self._known.references
            and self._small(file.path)
        )
        walks = {
            directory: _Walk(self._snapshot, name, file, self._references(file.path))
            for directory, (name, file) in found.items()
            if isinstance(file, Resolved)
        }
        leaves = {path for walk in walks.values() for path in walk.leaves}
        sound = self._known.sound
        self._snapshot.read_many(
            sorted(p for p in leaves if entries[p].id not in sound and self._small(p))
        )
        return {
            directory: walks[directory].finish(self._check)
            if directory in walks
            else KustomizationFile(
                name,
                problems=(file,) if isinstance(file, Problem) else (),
                missing=frozenset([name]),
            )
            for directory, (name, file) in found.items()
        }

    def _locate(self, directory: str) -> tuple[str, Resolved | Problem]:
        if not self._snapshot.is_directory(directory):
            message = "is not a folder" if directory in self._snapshot else "does not exist"
            return directory, Problem(directory, 0, 0, "", message, "a folder with an overlay")
        prefix = f"{directory}/" if directory else ""
        names = [prefix + name for name in NAMES if prefix + name in self._snapshot]
        if not names:
            expected = " or ".join(NAMES)
            return directory, Problem(directory, 0, 0, "", "has no kustomization file", expected)
        if len(names) > 1:
            message = f"has {' and '.join(name.removeprefix(prefix) for name in names)}"
            return directory, Problem(directory, 0, 0, "", message, "a single kustomization file")
        try:
            file = resolve(self._snapshot, names[0])
        except Unresolvable as error:
            return names[0], Problem(names[0], 0, 0, "", str(error))
        if not self._snapshot.is_file(file.path):
            return names[0], Problem(names[0], 0, 0, "", "is not a file")
        return names[0], file

    def _small(self, path: str) -> bool:
        return self._snapshot.entries[path].size <= FILE_SIZE_LIMIT

    def _references(self, path: str) -> References | tuple[Problem, ...]:
        identity = self._snapshot.entries[path].id
        known = self._known.references.get(identity)
        if known is not None:
            return known
        if not self._small(path):
            return (Problem(path, 0, 0, "", f"is larger than {_MIB} MiB"),)
        try:
            document = load(path, self._snapshot.read(path))
        except ConfigurationError as error:
            return error.problems
        if not isinstance(document.data, dict):
            what = "is empty" if document.data is None else "is not a mapping"
            where = document.place(())
            problem = Problem(path, where.line, where.column, "", what, "a kustomization")
            return (problem,)
        found = self._known.references[identity] = find_references(document)
        return found

    def _check(self, path: str, plugin: bool) -> str | None:
        """What is wrong with a file that is referred to; None where nothing is."""
        if not self._small(path):
            return f"is larger than {_MIB} MiB"
        identity = self._snapshot.entries[path].id
        if plugin and FUNCTION_MARK.encode() in self._snapshot.read(path):
            return _NO_PLUGINS
        if identity in self._known.sound:
            return None
        message = check_expansion(self._snapshot.read(path))
        if message is None:
            self._known.sound.add(identity)
        return message


class _Walk:
    """The walk from one kustomization along its references."""

    def __init__(
        self,
        snapshot: Snapshot,
        name: str,
        file: Resolved,
        references: References | tuple[Problem, ...],
    ) -> None:
        self._snapshot = snapshot
        self._name = name
        self._file = file.path
        self._directory = name.rpartition("/")[0]
        self._paths = {name, file.path, *file.links}
        self._inclusions: list[Inclusion] = []
        self._problems: list[Problem] = []
        self._missing: set[str] = set()
        self.leaves: dict[str, Reference] = {}
        if not isinstance(references, References):
            self._problems += references
            references = References((), (), (), None)
        self._references = references
        for reference in references.entries:
            self._follow(reference)

    def finish(self, check: Callable[[str, bool], str | None]) -> KustomizationFile:
        """The result, once the files that it refers to can be read."""
        for path, reference in self.leaves.items():
            message = check(path, reference.role == PLUGIN)
            if message:
                self._problem(reference, f"{path} {message}")
        return KustomizationFile(
            file=self._name,
            paths=frozenset(self._paths.union(self.leaves)),
            directories=tuple(self._inclusions),
            keys=frozenset(self._references.keys),
            generated=frozenset(self._references.generated),
            namespace=self._references.namespace,
            problems=tuple(self._problems),
            missing=frozenset(self._missing),
        )

    def _follow(self, reference: Reference) -> None:
        role, entry = reference.role, reference.entry
        shown = repr(entry if len(entry) <= _SHOWN else entry[: _SHOWN - 3] + "…")
        if role == CHART:
            self._problem(reference, "inflates a Helm chart, which Tidegate doesn't render")
            return
        if role == FUNCTION:
            self._problem(reference, _NO_PLUGINS)
            return
        if role == REMOTE:
            expected = "a path in this repository; nothing is fetched from elsewhere to render it"
            self._problem(reference, f"{_without_credentials(shown)} is remote", expected)
            return
        try:
            found = resolve(self._snapshot, join(self._directory, entry))
        except Unresolvable as error:
            self._missing.update(error.paths)
            self._problem(reference, f"{shown} {error}", "a path in this repository")
            return
        self._paths.update(found.links)
        if self._snapshot.is_directory(found.path):
            if role == FILE:
                self._problem(reference, f"{shown} is a folder", "a file")
                return
            self._inclusions.append(
                Inclusion(found.path, self._file, reference.line, reference.column, reference.key)
            )
        elif role == FOLDER:
            self._problem(reference, f"{shown} is a file", "a folder with a kustomization")
        elif found.path not in self.leaves or role == PLUGIN:
            self.leaves[found.path] = reference

    def _problem(self, reference: Reference, message: str, expected: str | None = None) -> None:
        place = (self._file, reference.line, reference.column, reference.key)
        self._problems.append(Problem(*place, message, expected))


_MIB = FILE_SIZE_LIMIT // 1024 // 1024


def _without_credentials(text: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//…@", text)
