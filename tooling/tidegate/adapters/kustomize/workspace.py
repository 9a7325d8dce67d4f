"""The temporary folder that kustomize sees: an overlay's own files, and nothing else."""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType

from tidegate.adapters import tidying
from tidegate.domain.snapshot import EXECUTABLE, SYMLINK, Snapshot

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

    def __init__(self, *, beside: bool = False) -> None:
        """With `beside` nobody waits for thousands of files to be removed, but the end of the
        command."""
        self._beside = beside
        self._folder = tempfile.TemporaryDirectory(
            prefix="tidegate-render-", dir=_memory(), ignore_cleanup_errors=True
        )
        # Resolved, since kustomize's messages name real paths.
        self.root = Path(self._folder.name).resolve()
        self._top = str(self.root)
        self._made: set[str] = set()
        self._written: dict[str, str] = {}
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
        if self._beside and error is None:
            tidying.beside(self._folder.cleanup)
        else:
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

    # Paths are text here: thousands of Path objects cost more than the writing.
    def _write(self, variant: str, snapshot: Snapshot, path: str) -> None:
        target = f"{self._top}/{variant}/{path}"
        if target in self._written:
            return
        entry = snapshot.entries[path]
        folder = target.rpartition("/")[0]
        if folder not in self._made:
            self._make(folder)
        if entry.mode == SYMLINK:
            Path(target).symlink_to(os.fsdecode(snapshot.read_many([path])[path]))
        elif not self._link(variant, path, target, entry.id):
            data = snapshot.read_many([path])[path]
            mode = 0o700 if entry.mode == EXECUTABLE else 0o600
            descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
            try:
                while data:
                    data = data[os.write(descriptor, data) :]
            finally:
                os.close(descriptor)
        self._written[target] = entry.id

    def _make(self, folder: str) -> None:
        """A folder with those around it, each of which is ours and made once."""
        around = folder.rpartition("/")[0]
        if around != self._top and around not in self._made:
            self._make(around)
        os.mkdir(folder)  # noqa: PTH102
        self._made.add(folder)

    def _link(self, variant: str, path: str, target: str, content: str) -> bool:
        """The same contents under the same path of the other tree are the same file on disk."""
        other = f"{self._top}/{'before' if variant == 'after' else 'after'}/{path}"
        if self._written.get(other) != content:
            return False
        with contextlib.suppress(OSError):
            os.link(other, target)
            return True
        return False
