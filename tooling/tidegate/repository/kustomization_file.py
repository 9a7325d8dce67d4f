"""What a folder's kustomization says, once it was read."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.image_entry import ImageEntry
from tidegate.domain.patch_target import PatchTarget
from tidegate.errors import Problem


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
    """One folder's kustomization. `paths` has the file itself and the links on the way too, and
    `objects` those files that it lists under `resources`."""

    file: str
    paths: frozenset[str] = frozenset()
    objects: frozenset[str] = frozenset()
    directories: tuple[Inclusion, ...] = ()
    keys: frozenset[str] = frozenset()
    generated: frozenset[str] = frozenset()
    namespace: str | None = None
    problems: tuple[Problem, ...] = ()
    missing: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    images: tuple[ImageEntry, ...] = ()
    patches: tuple[PatchTarget, ...] = ()
    patch_files: tuple[str, ...] = ()
