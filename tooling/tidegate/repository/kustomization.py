"""What one folder's kustomization file refers to: files and folders, field by field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.expansion import check_expansion
from tidegate.repository.links import Resolved, Unresolvable, join, resolve
from tidegate.repository.yaml import Document, KeyPath, key_text, load

NAMES = ("kustomization.yaml", "kustomization.yml", "Kustomization")
FILE_SIZE_LIMIT = 4 * 1024 * 1024

_REMOTE = re.compile(r"://|^git::|^[\w.-]+@[\w.-]+:|\?ref=|^(?:www\.)?(?:github|gitlab)\.com[/:]")
_INLINE = re.compile(r"\n|:(?:\s|$)|^\s*[{\[]")
_FOLDER_KEYS = ("resources", "bases", "components")
_INLINE_KEYS = ("patchesstrategicmerge", "generators", "transformers", "validators")
_PLUGIN_KEYS = ("generators", "transformers", "validators")
_FILE_KEYS = ("crds", "configurations")
_PATH_KEYS = ("patches", "patchesjson6902", "replacements")
_HELM_KEYS = ("helmcharts", "helmchartinflationgenerator")
_FUNCTION = b"config.kubernetes.io/function"


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


class Parser:
    """Reads the kustomization files of a Snapshot's folders."""

    def __init__(self, snapshot: Snapshot, *, like: Parser | None = None) -> None:
        self._snapshot = snapshot
        self._documents: dict[tuple[str, str], Document | ConfigurationError] = (
            like._documents if like else {}
        )
        self._checked: dict[tuple[str, str], str | None] = like._checked if like else {}

    def parse(self, directories: Iterable[str]) -> dict[str, KustomizationFile]:
        """Each folder's kustomization; what is wrong is in its `problems`."""
        found = {directory: self._locate(directory) for directory in directories}
        files = [f.path for _, f in found.values() if isinstance(f, Resolved)]
        self._snapshot.read_many(path for path in files if self._small(path))
        references = {
            directory: _References(self._snapshot, name, file, self._document)
            for directory, (name, file) in found.items()
            if isinstance(file, Resolved)
        }
        leaves = {path for one in references.values() for path in one.leaves if self._small(path)}
        self._snapshot.read_many(sorted(leaves))
        return {
            directory: references[directory].finish(self._check)
            if directory in references
            else KustomizationFile(name, problems=(file,) if isinstance(file, Problem) else ())
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

    def _document(self, path: str) -> Document | ConfigurationError:
        key = (path, self._snapshot.entries[path].id)
        if key not in self._documents:
            try:
                if not self._small(path):
                    message = f"is larger than {FILE_SIZE_LIMIT // 1024 // 1024} MiB"
                    raise ConfigurationError([Problem(path, 0, 0, "", message)])
                self._documents[key] = load(path, self._snapshot.read(path))
            except ConfigurationError as error:
                self._documents[key] = error
        return self._documents[key]

    def _check(self, path: str, plugin: bool) -> str | None:
        """What is wrong with a file that is referred to; None where nothing is."""
        if not self._small(path):
            return f"is larger than {FILE_SIZE_LIMIT // 1024 // 1024} MiB"
        data = self._snapshot.read(path)
        if plugin and _FUNCTION in data:
            return "runs a function; Tidegate renders without plugins"
        key = (path, self._snapshot.entries[path].id)
        if key not in self._checked:
            self._checked[key] = check_expansion(data)
        return self._checked[key]


class _References:
    """The walk over one kustomization's fields."""

    def __init__(
        self,
        snapshot: Snapshot,
        name: str,
        file: Resolved,
        read: Callable[[str], Document | ConfigurationError],
    ) -> None:
        self._snapshot = snapshot
        self._name = name
        self._directory = name.rpartition("/")[0]
        self._paths = {name, file.path, *file.links}
        self._inclusions: list[Inclusion] = []
        self._problems: list[Problem] = []
        self._generated: set[str] = set()
        self.leaves: dict[str, tuple[KeyPath, bool]] = {}
        self._data: Mapping[str, Any] = {}
        document = read(file.path)
        if isinstance(document, ConfigurationError):
            self._problems += document.problems
            return
        self._document = document
        if not isinstance(document.data, dict):
            what = "is empty" if document.data is None else "is not a mapping"
            self._problem((), what, "a kustomization")
            return
        self._data = document.data
        for key, value in document.data.items():
            self._field(key, key.lower(), value)

    def finish(self, check: Callable[[str, bool], str | None]) -> KustomizationFile:
        """The result, once the files that it refers to can be read."""
        for path, (place, plugin) in self.leaves.items():
            message = check(path, plugin)
            if message:
                self._problem(place, f"{path} {message}")
        fields = {key.lower(): value for key, value in self._data.items()}
        namespace = fields.get("namespace")
        return KustomizationFile(
            file=self._name,
            paths=frozenset(self._paths | self.leaves.keys()),
            directories=tuple(self._inclusions),
            keys=frozenset(fields),
            generated=frozenset(self._generated),
            namespace=namespace if isinstance(namespace, str) else None,
            problems=tuple(self._problems),
        )

    def _field(self, key: str, lower: str, value: Any) -> None:
        # kustomize reads its fields' names in any case.
        place: KeyPath = (key,)
        if lower in _HELM_KEYS and value:
            self._problem(place, "inflates a Helm chart, which Tidegate doesn't render")
        elif lower in _FOLDER_KEYS:
            self._each(place, value, folders=True, files=lower == "resources")
        elif lower in _FILE_KEYS:
            self._each(place, value, folders=False, files=True)
        elif lower in _INLINE_KEYS:
            plugin = lower in _PLUGIN_KEYS
            self._each(place, value, folders=plugin, files=True, inline=True, plugin=plugin)
        elif lower in _PATH_KEYS:
            for where, item in _mappings(place, value):
                self._each((*where, "path"), item.get("path"), folders=False, files=True)
        elif lower in ("configmapgenerator", "secretgenerator"):
            for where, item in _mappings(place, value):
                self._generator(where, item)
        elif lower == "openapi" and isinstance(value, dict):
            self._each((*place, "path"), value.get("path"), folders=False, files=True)

    def _generator(self, place: KeyPath, item: Mapping[str, Any]) -> None:
        fields = {key.lower(): (key, value) for key, value in item.items()}
        name = fields.get("name", ("", None))[1]
        if isinstance(name, str):
            self._generated.add(name)
        for lower in ("files", "envs", "env"):
            key, value = fields.get(lower, ("", None))
            for where, entry in _strings((*place, key), value):
                # `files` may give the key that the contents are stored under: `key=path`.
                path = entry.partition("=")[2] if lower == "files" and "=" in entry else entry
                self._refer(where, path, folders=False, files=True)

    def _each(
        self,
        place: KeyPath,
        value: Any,
        *,
        folders: bool,
        files: bool,
        inline: bool = False,
        plugin: bool = False,
    ) -> None:
        for where, entry in _strings(place, value):
            if inline and _INLINE.search(entry):
                if plugin and _FUNCTION.decode() in entry:
                    self._problem(where, "runs a function; Tidegate renders without plugins")
                continue
            self._refer(where, entry, folders=folders, files=files, plugin=plugin)

    def _refer(
        self, place: KeyPath, entry: str, *, folders: bool, files: bool, plugin: bool = False
    ) -> None:
        shown = repr(entry if len(entry) <= 80 else entry[:77] + "…")
        if _REMOTE.search(entry):
            expected = "a path in this repository; nothing is fetched from elsewhere to render it"
            self._problem(place, f"{_without_credentials(shown)} is remote", expected)
            return
        try:
            found = resolve(self._snapshot, join(self._directory, entry))
        except Unresolvable as error:
            self._problem(place, f"{shown} {error}", "a path in this repository")
            return
        self._paths.update(found.links)
        if self._snapshot.is_directory(found.path):
            if not folders:
                self._problem(place, f"{shown} is a folder", "a file")
                return
            where = self._document.place(place)
            file, line, column = where.file, where.line, where.column
            self._inclusions.append(Inclusion(found.path, file, line, column, key_text(place)))
        elif not files:
            self._problem(place, f"{shown} is a file", "a folder with a kustomization")
        else:
            self.leaves[found.path] = (place, plugin)

    def _problem(self, place: KeyPath, message: str, expected: str | None = None) -> None:
        where = self._document.place(place)
        key = key_text(place)
        self._problems.append(Problem(where.file, where.line, where.column, key, message, expected))


def _mappings(place: KeyPath, value: Any) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, dict):
            yield (*place, index), item


def _strings(place: KeyPath, value: Any) -> Iterator[tuple[KeyPath, str]]:
    """The strings of a list, or a single one. Other types are left for kustomize to refuse."""
    if isinstance(value, str):
        yield place, value
    for index, item in enumerate(value if isinstance(value, list) else ()):
        if isinstance(item, str):
            yield (*place, index), item


def _without_credentials(text: str) -> str:
    return re.sub(r"//[^/@\s]+@", "//…@", text)
