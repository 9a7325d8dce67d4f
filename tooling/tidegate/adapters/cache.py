"""Bytes by key as files: shared by processes, safe to lose, and never a reason to fail."""

from __future__ import annotations

import contextlib
import hashlib
import os
import random
import re
import stat
import time
from pathlib import Path

SIZE_LIMIT = 1024**3
ENTRY_LIMIT = 64 * 1024**2

_KEY = re.compile(r"[0-9a-f]{8,128}")
_MAGIC = b"tidegate-cache-1\n"
_DIGEST_SIZE = 16
_HEADER = len(_MAGIC) + _DIGEST_SIZE
_SHARDS = 16  # by the key's first digit
_BLOCK = 4096
# One in so many writes looks through the shard that it wrote to.
_SWEEP_ODDS = 64
_DAY, _HOUR = 86_400, 3_600
_NEW = ".new-"


class FileCache:
    """A `ports.Cache` in a folder of this user's. One that somebody else could write to is not
    used at all. What is read is checked against a digest, so that rubbish, halves of files and
    files under another's name are as good as absent."""

    def __init__(
        self, folder: Path, *, size_limit: int = SIZE_LIMIT, sweep_odds: int = _SWEEP_ODDS
    ) -> None:
        """`size_limit` in bytes is kept roughly: entries that weren't used for longest go first.
        One write in `sweep_odds` looks whether they must."""
        self._folder = str(folder)
        self._share = size_limit // _SHARDS
        self._odds = sweep_odds
        self._trusted: bool | None = None

    def get(self, key: str) -> bytes | None:
        """What was put under the key, whole and unchanged; None otherwise."""
        if not _KEY.fullmatch(key) or not self._is_ours():
            return None
        try:
            descriptor = os.open(self._path(key), os.O_RDONLY | _CAREFUL)
        except OSError:
            return None
        try:
            content = _read(descriptor)
        except (OSError, MemoryError):
            return None
        finally:
            os.close(descriptor)
        data = content[_HEADER:]
        return data if content[:_HEADER] == _MAGIC + _digest(key, data) else None

    def put(self, key: str, data: bytes) -> None:
        """Keeps the bytes under the key; forgets them where that isn't possible."""
        if not _KEY.fullmatch(key) or len(data) > min(ENTRY_LIMIT, self._share) - _HEADER:
            return
        with contextlib.suppress(OSError):
            if not self._is_ours():
                self._make()
            if not self._is_ours():
                return
            path = self._path(key)
            shard = os.path.dirname(path)  # noqa: PTH120 a Path costs more than the write
            try:
                self._write(shard, path, _MAGIC + _digest(key, data) + data)
            except FileNotFoundError:
                os.makedirs(shard, mode=0o700, exist_ok=True)  # noqa: PTH103 likewise
                self._write(shard, path, _MAGIC + _digest(key, data) + data)
            if random.randrange(self._odds) == 0:  # noqa: S311 no secret depends on it
                _sweep(shard, self._share)

    def _write(self, shard: str, path: str, content: bytes) -> None:
        new = f"{shard}/{_NEW}{os.getpid()}-{random.getrandbits(64):x}"
        descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL | _CAREFUL, 0o600)
        try:
            try:
                left = content
                while left:
                    left = left[os.write(descriptor, left) :]
            finally:
                os.close(descriptor)
            os.replace(new, path)  # noqa: PTH105 likewise
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(new)  # noqa: PTH108 likewise
            raise

    def _path(self, key: str) -> str:
        return f"{self._folder}/{key[:1]}/{key[1:]}"

    def _make(self) -> None:
        Path(self._folder).mkdir(mode=0o700, parents=True, exist_ok=True)
        self._trusted = None

    def _is_ours(self) -> bool:
        """Looked at once: who can't write there now can't make a way for himself later."""
        if self._trusted is None:
            try:
                status = os.stat(self._folder)  # noqa: PTH116 likewise
            except OSError:
                return False
            mine = not hasattr(os, "geteuid") or status.st_uid == os.geteuid()
            self._trusted = (
                mine and stat.S_ISDIR(status.st_mode) and not status.st_mode & _OTHERS_WRITE
            )
        return self._trusted


class NoCache:
    """A `ports.Cache` that keeps nothing."""

    def get(self, key: str) -> None:  # noqa: ARG002 the port's shape
        """Nothing."""
        return

    def put(self, key: str, data: bytes) -> None:
        """Forgets it."""


_CAREFUL = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
# Windows has no such bits: there a profile's folders are the user's by their access lists.
_OTHERS_WRITE = 0o022 if hasattr(os, "geteuid") else 0


def _digest(key: str, data: bytes) -> bytes:
    digest = hashlib.blake2b(key.encode("ascii"), digest_size=_DIGEST_SIZE)
    digest.update(data)
    return digest.digest()


def _read(descriptor: int) -> bytes:
    """A regular file's bytes; nothing for anything else. A day after its last use the file is
    touched, so that sweeping finds what nobody uses."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > ENTRY_LIMIT:
        return b""
    now = time.time()
    if now - status.st_mtime > _DAY:
        with contextlib.suppress(OSError):
            if os.utime in os.supports_fd:
                os.utime(descriptor, (now, now))
    parts = []
    left = status.st_size
    while left > 0:
        part = os.read(descriptor, left)
        if not part:
            break
        parts.append(part)
        left -= len(part)
    return b"".join(parts)


def _sweep(shard: str, limit: int) -> None:
    """Takes a shard back to three quarters of its limit, oldest first, and removes what processes
    left behind that were ended in the middle of a write."""
    now = time.time()
    entries: list[tuple[float, int, str]] = []
    with os.scandir(shard) as found:
        for entry in found:
            status = entry.stat(follow_symlinks=False)
            if entry.name.startswith(_NEW) and now - status.st_mtime < _HOUR:
                continue
            age = 0.0 if entry.name.startswith(_NEW) else status.st_mtime
            entries.append((age, -(-status.st_size // _BLOCK) * _BLOCK, entry.path))
    total = sum(size for _, size, _ in entries)
    wanted = limit if total <= limit else limit * 3 // 4
    for age, size, path in sorted(entries):
        if age and total <= wanted:
            return
        with contextlib.suppress(OSError):
            os.unlink(path)  # noqa: PTH108 likewise
        total -= size
