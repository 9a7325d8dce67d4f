"""Which contents files had when they were last read: files that haven't been touched since aren't
read again, by the rule that Git's own index follows."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

# A clock of a file system may be so coarse, or so far behind ours: what was touched so shortly
# before it was read may be touched again without a trace.
_RACY_NS = 2_000_000_000


class Stats:
    """By a file's path: its state and its contents' id. A file whose size, inode, modification
    and change times are those of last time has that id; one that was touched just before it was
    read is not trusted."""

    def __init__(self, *, clock: Callable[[], int] = time.time_ns) -> None:
        self._taken = clock()
        self._old: dict[str, Any] = {}
        self._new: dict[str, Any] = {}

    @classmethod
    def load(cls, data: bytes | None, *, clock: Callable[[], int] = time.time_ns) -> Stats:
        """From what `dump` wrote; anything else is as good as nothing."""
        stats = cls(clock=clock)
        try:
            found = json.loads(data or b"{}")
        except (ValueError, RecursionError):
            return stats
        if isinstance(found, dict):
            stats._old = found
        return stats

    @property
    def changed(self) -> bool:
        """Whether there is anything that wasn't known last time."""
        return self._new != self._old

    def dump(self) -> bytes:
        """All that was found or noted since it was loaded."""
        return json.dumps(self._new, separators=(",", ":")).encode("ascii")

    def find(self, path: str, state: os.stat_result) -> str | None:
        """The contents' id of a file in this state; None where nobody knows."""
        known = self._old.get(path)
        if known is None:
            return None
        words = [state.st_mtime_ns, state.st_ctime_ns, state.st_size, state.st_ino]
        if not isinstance(known, list) or known[:4] != words or len(known) != 5:
            return None
        self._new[path] = known
        return str(known[4])

    def note(self, path: str, state: os.stat_result, identity: str) -> None:
        """Keeps what was read in a file after its state was looked at."""
        if max(state.st_mtime_ns, state.st_ctime_ns) < self._taken - _RACY_NS:
            times = [state.st_mtime_ns, state.st_ctime_ns]
            self._new[path] = [*times, state.st_size, state.st_ino, identity]
