"""Files on disk: read from anywhere, written below one root, never through a symbolic link."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator
from pathlib import Path

from tidegate.errors import InputError, OutsideError

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW


class DiskFiles:
    """Files from anywhere, and new ones below `root`, each written whole or not at all."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def read(self, path: str, limit: int) -> bytes:
        """The bytes of a regular file. Raises InputError."""
        try:
            # Without waiting: a pipe that nobody writes to would be waited for without end.
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                    raise InputError(f"{path} is no file")
                data = file.read(limit + 1)
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no path"
            raise InputError(f"{path} can't be read: {reason}") from None
        if len(data) > limit:
            raise InputError(f"{path} is larger than {limit // 1024**2} MiB")
        return data

    def write(self, path: str, data: bytes) -> None:
        """Writes beside the file, and renames. Raises InputError and OutsideError."""
        *folders, name = path.split("/")
        try:
            with self._open(folders) as folder:
                self._refuse(path, folder, name)
                _replace(folder, name, data)
        except OSError as error:
            raise OutsideError(f"{path} can't be written: {error.strerror}") from error

    @contextlib.contextmanager
    def _open(self, folders: list[str]) -> Iterator[int]:
        """The innermost folder, made where it isn't there; each opened by the one around it, so
        that nobody can put a link in between."""
        current = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY)
        try:
            for number, name in enumerate(folders, start=1):
                with contextlib.suppress(FileExistsError):
                    os.mkdir(name, dir_fd=current)
                try:
                    inner = os.open(name, _FOLDER, dir_fd=current)
                except OSError:
                    shown = "/".join(folders[:number])
                    raise InputError(f"{shown} is a symbolic link, or no folder") from None
                os.close(current)
                current = inner
            yield current
        finally:
            os.close(current)

    @staticmethod
    def _refuse(path: str, folder: int, name: str) -> None:
        with contextlib.suppress(FileNotFoundError):
            mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
            if not stat.S_ISREG(mode):
                raise InputError(f"{path} is a symbolic link, or no file")


def _replace(folder: int, name: str, data: bytes) -> None:
    other = f".{name}.{os.getpid()}"
    with contextlib.suppress(FileNotFoundError):  # of somebody who had the same number, and died
        os.unlink(other, dir_fd=folder)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW
    descriptor = os.open(other, flags, 0o666, dir_fd=folder)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(other, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(other, dir_fd=folder)
        raise
