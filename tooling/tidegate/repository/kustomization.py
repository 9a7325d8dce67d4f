"""One folder's kustomization, with all that it refers to found in the Snapshot."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.allowances import HELM, PLUGINS, expected, read_allowances
from tidegate.repository.allowances import REMOTE as REMOTE_ALLOWED
from tidegate.repository.expansion import check_expansion
from tidegate.repository.known import Known
from tidegate.repository.kustomization_file import Inclusion, KustomizationFile
from tidegate.repository.layout import KUSTOMIZATIONS, kustomization_files
from tidegate.repository.links import Resolved, Unresolvable, join, resolve
from tidegate.repository.references import (
    CHART,
    EITHER,
    FILE,
    FOLDER,
    FUNCTION,
    FUNCTION_MARK,
    PLUGIN,
    REMOTE,
    REMOTE_CHART,
    Reference,
    References,
    find_references,
    is_patch,
    without_credentials,
)
from tidegate.repository.repeats import find_inline_repeats, find_repeats
from tidegate.repository.yaml import FILE_SIZE_LIMIT, is_readable, load, text_at

_SHOWN = 80
_MIB = FILE_SIZE_LIMIT // 1024 // 1024
_RUNS = "runs a function"
# What a function's configuration says of the program: `exec: {path: ./x}`, in one line or two.
_PROGRAM = re.compile(rb"exec:\s*(?:\{\s*)?path:\s*[\"']?([^\s\"',}]+)")


class Parser:
    """Reads the kustomization files of a Snapshot's folders; a text that is known isn't read."""

    def __init__(self, snapshot: Snapshot, known: Known) -> None:
        self._snapshot = snapshot
        self._known = known
        self._allowed = read_allowances(snapshot)

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
            directory: _Walk(self._snapshot, name, file, self._references(file.path), self._allowed)
            for directory, (name, file) in found.items()
            if isinstance(file, Resolved)
        }
        leaves = {path for walk in walks.values() for path in walk.leaves}
        sound = self._known.sound
        self._snapshot.read_many(
            sorted(p for p in leaves if entries[p].id not in sound and self._small(p))
        )
        return {
            directory: walks[directory].finish(self._check, self._runs, self._repeats)
            if directory in walks
            else KustomizationFile(
                name,
                problems=(file,) if isinstance(file, Problem) else (),
                missing=frozenset([name, *self._links(name)]),
            )
            for directory, (name, file) in found.items()
        }

    def _locate(self, directory: str) -> tuple[str, Resolved | Problem]:
        if not self._snapshot.is_directory(directory):
            message = "is not a folder" if directory in self._snapshot else "does not exist"
            return directory, Problem.whole(directory, message, "a folder with an overlay")
        names = [path for path in kustomization_files(directory) if path in self._snapshot]
        if not names:
            expected = " or ".join(KUSTOMIZATIONS)
            return directory, Problem.whole(directory, "has no kustomization file", expected)
        if len(names) > 1:
            message = f"has {' and '.join(name.rpartition('/')[2] for name in names)}"
            return directory, Problem.whole(directory, message, "a single kustomization file")
        try:
            file = resolve(self._snapshot, names[0])
        except Unresolvable as error:
            return names[0], Problem.whole(names[0], str(error))
        if not self._snapshot.is_file(file.path):
            return names[0], Problem.whole(names[0], "is not a file")
        return names[0], file

    def _links(self, name: str) -> tuple[str, ...]:
        """What was looked at on the way along a kustomization that is a link to nothing."""
        try:
            return resolve(self._snapshot, name).links
        except Unresolvable as error:
            return error.paths

    def _small(self, path: str) -> bool:
        return self._snapshot.entries[path].size <= FILE_SIZE_LIMIT

    def _references(self, path: str) -> References | tuple[Problem, ...]:
        identity = self._snapshot.entries[path].id
        known = self._known.references.get(identity)
        if known is not None:
            return known
        if not self._small(path):
            return (Problem.whole(path, f"is larger than {_MIB} MiB"),)
        try:
            document = load(path, self._snapshot.read(path))
        except ConfigurationError as error:
            return error.problems
        if not isinstance(document.data, dict):
            what = "is empty" if document.data is None else "is not a mapping"
            return (document.problem((), what, "a kustomization"),)
        repeats = find_inline_repeats(document, self._snapshot.read(path))
        if repeats:
            return tuple(repeats)
        found = self._known.references[identity] = find_references(document)
        return found

    def _runs(self, path: str) -> bytes | None:
        """A plugin's configuration that names a function; None where it names none."""
        data = self._snapshot.read(path) if self._small(path) else b""
        return data if FUNCTION_MARK.encode() in data else None

    def _repeats(self, path: str) -> list[Problem]:
        """The keys that stand twice in a patch's file."""
        mark = f"patch {self._snapshot.entries[path].id}"
        if mark in self._known.sound:
            return []
        found = find_repeats(path, text_at(self._snapshot, path) or "")
        if not found:
            self._known.sound.add(mark)
        return found

    def _check(self, path: str) -> str | None:
        """What is wrong with a file that is referred to; None where nothing is."""
        if not self._small(path):
            return f"is larger than {_MIB} MiB"
        identity = self._snapshot.entries[path].id
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
        allowed: frozenset[str],
    ) -> None:
        self._snapshot = snapshot
        self._allowed = allowed
        self._needs: set[str] = set()
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

    def finish(
        self,
        check: Callable[[str], str | None],
        runs: Callable[[str], bytes | None],
        repeats: Callable[[str], list[Problem]],
    ) -> KustomizationFile:
        """The result, once the files that it refers to can be read."""
        for path, reference in self.leaves.items():
            message = check(path)
            if message:
                self._problem(reference, f"{path} {message}")
            elif is_patch(reference):
                self._problems += repeats(path)
            function = runs(path) if reference.role == PLUGIN and not message else None
            if function is not None and self._may(
                PLUGINS, reference, f"{path} {_RUNS}", "a plugin that kustomize has built in"
            ):
                self._add_program(function)
        return KustomizationFile(
            file=self._name,
            paths=frozenset(self._paths.union(self.leaves)),
            objects=frozenset(p for p, entry in self.leaves.items() if entry.role == EITHER),
            directories=tuple(self._inclusions),
            keys=frozenset(self._references.keys),
            generated=frozenset(self._references.generated),
            namespace=self._references.namespace,
            problems=tuple(self._problems),
            missing=frozenset(self._missing),
            needs=frozenset(self._needs),
            images=self._references.images,
            patches=self._references.patches,
            patch_files=tuple(p for p, by in self.leaves.items() if is_patch(by)),
        )

    def _follow(self, reference: Reference) -> None:
        role, entry = reference.role, reference.entry
        shown = repr(entry if len(entry) <= _SHOWN else entry[: _SHOWN - 3] + "…")
        if role in (CHART, REMOTE_CHART):
            if self._may(HELM, reference, "inflates a Helm chart", "no Helm charts"):
                self._add_chart(reference)
            return
        if role == FUNCTION:
            self._may(PLUGINS, reference, _RUNS, "a plugin that kustomize has built in")
            return
        if role == REMOTE:
            message = f"{without_credentials(shown)} is remote"
            self._may(REMOTE_ALLOWED, reference, message, "a path in this repository")
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
                self._missing.add(found.path)
                self._problem(reference, f"{shown} is a folder", "a file")
                return
            self._inclusions.append(
                Inclusion(found.path, self._file, reference.line, reference.column, reference.key)
            )
        elif role == FOLDER:
            self._missing.add(found.path)
            self._problem(reference, f"{shown} is a file", "a folder with a kustomization")
        elif found.path not in self.leaves or role == PLUGIN:
            self.leaves[found.path] = reference

    def _may(self, what: str, reference: Reference, message: str, otherwise: str) -> bool:
        """Whether it is allowed, which is noted, or else told."""
        if what in self._allowed:
            self._needs.add(what)
            return True
        self._problem(reference, message, expected(what, otherwise))
        return False

    def _add_chart(self, reference: Reference) -> None:
        try:
            found = resolve(self._snapshot, join(self._directory, reference.entry))
        except Unresolvable as error:
            self._missing.update(error.paths)
            if reference.role == REMOTE_CHART:
                message = f"the chart {reference.entry!r} is not here, so it is remote"
                self._may(REMOTE_ALLOWED, reference, message, "a chart in this repository")
            else:
                message = f"{reference.entry!r} {error}"
                self._problem(reference, message, "a chart in this repository")
            return
        self._paths.update(found.links)
        self._missing.add(found.path)  # what has gone from it is told by its folder
        files = self._snapshot.files(found.path)
        self._paths.update(path for path in files if is_readable(self._snapshot, path))

    def _add_program(self, function: bytes) -> None:
        """The program that a function's configuration names, where it is one of ours."""
        program = _PROGRAM.search(function)
        if program is None:
            return
        entry = program[1].decode("utf-8", "replace")
        try:
            found = resolve(self._snapshot, join(self._directory, entry))
        except Unresolvable as error:
            self._missing.update(error.paths)
            return
        if self._snapshot.is_file(found.path):
            self._paths.update((found.path, *found.links))

    def _problem(self, reference: Reference, message: str, expected: str | None = None) -> None:
        self._problems.append(reference.problem(self._file, message, expected))
