"""The temporary folder that kustomize sees: an overlay's own files, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from tidegate.domain.snapshot import SYMLINK, Snapshot
from tidegate.repository.kustomization import NAMES

# A block mapping whose first key stands at the line's start, in one document.
_APPENDABLE = re.compile(rb"(?:\s*#[^\n]*\n|\s*\n|---[ \t]*\r?\n)*[A-Za-z][A-Za-z0-9]*:")
_ASKED = re.compile(rb"buildMetadata|\n(?:---|\.\.\.|\?)", re.IGNORECASE)
_SHARED_MEMORY = "/dev/shm"  # noqa: S108 we make a folder of our own below it, mode 0700
_SPACE = 256 * 1024**2


def _memory() -> str | None:
    """Linux's file system in memory, where thousands of small files cost next to nothing; None
    (the usual place) where it is too small or TMPDIR names another."""
    if "TMPDIR" in os.environ or not os.access(_SHARED_MEMORY, os.W_OK | os.X_OK):
        return None
    state = os.statvfs(_SHARED_MEMORY)
    return _SHARED_MEMORY if state.f_bavail * state.f_frsize >= _SPACE else None


class Workspace:
    """A folder that only we can read, removed at the end, whatever the end is."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(
            prefix="tidegate-render-", dir=_memory(), ignore_cleanup_errors=True
        )
        # Resolved, since kustomize's messages name real paths.
        self.root = Path(self._folder.name).resolve()
        self._made: set[Path] = set()
        self._written: dict[Path, str] = {}
        self._numbers = itertools.count()

    def __enter__(self) -> Workspace:
        (self.root / "home").mkdir()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._folder.cleanup()

    def new_folder(self) -> Path:
        """An empty folder beside the trees. Safe to call from several threads."""
        folder = self.root / f"batch-{next(self._numbers)}"
        folder.mkdir()
        return folder

    def materialise(self, variant: str, snapshot: Snapshot, paths: Iterable[str]) -> str | None:
        """Writes the paths below the variant's tree; says why where that isn't possible."""
        try:
            for path in paths:
                self._write(variant, snapshot, path)
        except (OSError, ValueError) as error:
            return f"its files can't be written to {self.root.parent}: {error}"
        return None

    def ask_for_origins(self, variant: str, overlay: str) -> None:
        """Makes an overlay that is rendered by itself tell the origin of its objects. Where its
        kustomization is of a shape that can't simply be added to, it tells none."""
        for name in NAMES:
            file = self.root / variant / overlay / name
            if file.is_symlink() or not file.is_file():
                continue
            data = file.read_bytes()
            if _APPENDABLE.match(data) and not _ASKED.search(data):
                with file.open("ab") as end:
                    end.write(b"" if data.endswith(b"\n") else b"\n")
                    end.write(b"buildMetadata: [originAnnotations]\n")

    def _write(self, variant: str, snapshot: Snapshot, path: str) -> None:
        target = self.root / variant / path
        if target in self._written:
            return
        entry = snapshot.entries[path]
        if target.parent not in self._made:
            target.parent.mkdir(parents=True, exist_ok=True)
            self._made.add(target.parent)
        data = snapshot.read_many([path])[path]
        if entry.mode == SYMLINK:
            target.symlink_to(os.fsdecode(data))
        elif not self._link(variant, path, target, entry.id):
            target.write_bytes(data)
        self._written[target] = entry.id

    def _link(self, variant: str, path: str, target: Path, content: str) -> bool:
        """The same contents under the same path of the other tree are the same file on disk."""
        other = self.root / ("before" if variant == "after" else "after") / path
        if self._written.get(other) != content:
            return False
        with contextlib.suppress(OSError):
            os.link(other, target)
            return True
        return False
