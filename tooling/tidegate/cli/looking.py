"""Builds the adapters of verbs that only look: at this clone's work tree, or at any folder."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate import __version__
from tidegate.adapters.files import DiskFiles
from tidegate.adapters.git.command import UNTRUSTED, GitCommand, find_root
from tidegate.adapters.git.worktree import Clone, Folder
from tidegate.cli.surroundings import cache_folder, forget_other_clones, time_left
from tidegate.errors import InputError, TidegateError, ToolMissing

if TYPE_CHECKING:
    from tidegate.adapters.inspection.workers import Spare
    from tidegate.domain.rulebook import Rulebook
    from tidegate.ports import Builder, Cache, Inspector, WorkTree

_RENDERING_SECONDS = 60.0
_PACKAGES = ("jsonschema_rs", "kubernetes_validate", "cel_expr_python")


class Looking:
    """One command's connections (see `ports.Checking`). `paths` are what the user named, relative
    to the root: the Git clone that holds them, or else the one folder that they share."""

    def __init__(
        self,
        arguments: Namespace,
        paths: Sequence[str] = (),
        environ: Mapping[str, str] = os.environ,
        caches: Path | None = None,
    ) -> None:
        """Raises InputError for a path that isn't there, and for paths of several clones. `caches`
        is where it looks for what earlier commands found."""
        self._environ = environ
        self._caches = caches or cache_folder(environ)
        self.remaining = time_left(arguments)
        self._jobs: int | None = getattr(arguments, "jobs", None)
        self._spare: Spare | None = None
        self._uncached: bool = getattr(arguments, "no_cache", False)
        forget_other_clones()
        named = [_existing(path) for path in paths]
        self.root, self._in_git = self._find_root(named, Path(arguments.root))
        self.paths = tuple(_within(path, self.root) for path in named)

    @cached_property
    def work_tree(self) -> WorkTree:
        """The clone's files, or the folder's."""
        if self._in_git:
            return Clone(self.root, GitCommand(self.root, self.remaining), self.cache)
        return Folder(self.root, self.cache)

    @cached_property
    def files(self) -> DiskFiles:
        """Files from anywhere, and new ones for the work tree."""
        return DiskFiles(self.root)

    def builder(self) -> Builder:
        """kustomize."""
        from tidegate.adapters.kustomize.renderer import Kustomize

        timeout = max(min(_RENDERING_SECONDS, self.remaining()), 0.1)
        return Kustomize(
            path=self._environ.get("PATH"),
            timeout=timeout,
            jobs=self._jobs,
            cache=self.cache,
            place=str(self.root),
        )

    def inspector(self, rulebook: Rulebook, versions: Sequence[str] = ()) -> Inspector:
        """Processes of our own."""
        from tidegate.adapters.inspection.processes import Processes

        spare, self._spare = self._spare, None
        return Processes(rulebook, versions, jobs=self._jobs, spare=spare)

    def warm(self) -> None:
        """Starts a process that inspects, which takes half a second to get ready."""
        from tidegate.adapters.inspection.workers import Spare

        self._spare = self._spare or Spare()

    @cached_property
    def cache(self) -> Cache:
        """A folder of this user's, or nothing with `--no-cache`."""
        from tidegate.adapters.cache import FileCache, NoCache

        return NoCache() if self._uncached else FileCache(self._caches / "checks")

    def now(self) -> datetime:
        """The time, in UTC."""
        return datetime.now(UTC)

    @cached_property
    def fingerprint(self) -> str:
        """Our version and code, the renderer, and the packages that we check with."""
        packages = [_package(name) for name in _PACKAGES]
        return " ".join([__version__, sys.version, str(_code()), self._renderer(), *packages])

    def _renderer(self) -> str:
        from tidegate.adapters.kustomize.binary import identify

        try:
            return identify(self._environ.get("PATH"))
        except ToolMissing:
            return ""  # whoever needs one will say so

    def _find_root(self, named: Sequence[Path], usual: Path) -> tuple[Path, bool]:
        folders = [path if path.is_dir() else path.parent for path in named] or [usual]
        roots = {self._clone(folder) for folder in folders}
        if len(roots) > 1:
            raise InputError(
                "the paths lie in different Git clones, or only some of them in one",
                hint="check each of them by a command of its own",
            )
        root = roots.pop()
        if root is not None:
            return root, True
        return Path(os.path.commonpath([str(folder.resolve()) for folder in folders])), False

    def _clone(self, folder: Path) -> Path | None:
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder")
        try:
            return find_root(folder, self.remaining).resolve()
        except TidegateError as error:
            # Of a clone that Git can't read, or doesn't want to, a folder's rules make nonsense.
            here = folder.resolve()
            # os.path takes what it may not look at for nothing, where pathlib raises.
            known = any(os.path.exists(place / ".git") for place in (here, *here.parents))  # noqa: PTH110
            if known and (isinstance(error, ToolMissing) or UNTRUSTED in (error.hint or "")):
                raise
            return None


def _existing(path: str) -> Path:
    found = Path(path)
    try:
        found.stat()
    except PermissionError:
        raise InputError(f"{path} can't be read: Permission denied") from None
    except (OSError, ValueError):
        raise InputError(f"{path} is not there") from None
    return found


def _within(path: Path, root: Path) -> str:
    # A link means what it leads to; to a file elsewhere it is looked at as what it is.
    place = path.resolve()
    if not place.is_relative_to(root) and not path.is_dir():
        place = path.parent.resolve() / path.name
    if place == root:
        return ""
    try:
        return place.relative_to(root).as_posix()
    except ValueError:
        raise InputError(f"{path} leads out of {root}") from None


def _code() -> int:
    """When our own code was last changed: a developer's edits count at once."""
    package = Path(__file__).parents[1]
    newest = 0
    for folder, folders, files in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__"]
        for name in files:
            if name.endswith((".py", ".json")):
                newest = max(newest, os.stat(f"{folder}/{name}").st_mtime_ns)  # noqa: PTH116 quick
    return newest


def _package(name: str) -> str:
    """The same so long as an installed package is the same: to ask for its version takes longer
    than all else that is asked here."""
    found = find_spec(name)
    if found is None:
        return ""
    # A package without an `__init__.py` is a folder, which changes when its files are replaced.
    place = found.origin or next(iter(found.submodule_search_locations or ()))
    state = Path(place).stat()
    return f"{place} {state.st_size} {state.st_mtime_ns}"
