"""What was rendered before, by the content of all that took part in it."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.domain.closure import Closure
    from tidegate.domain.snapshot import Snapshot
    from tidegate.ports import Cache

_FORMAT = "rendering 1"


class Renderings:
    """The renderings of one Snapshot's overlays that a cache keeps. What kustomize prints is
    decided by its binary and by the files of the closure, their paths and modes: nothing else is
    there when it runs."""

    def __init__(self, cache: Cache, renderer: str, snapshot: Snapshot, *, origins: bool) -> None:
        """`renderer` is the same so long as the binary is; `origins` says whether objects carry
        the annotation that names their file."""
        self._cache = cache
        self._start = [_FORMAT, renderer, origins]
        self._snapshot = snapshot

    def find(self, closure: Closure) -> str | None:
        """The rendering of a sound closure; None where there is none yet."""
        if closure.needs:
            return None
        data = self._cache.get(self._key(closure))
        try:
            return None if data is None else data.decode("utf-8")
        except UnicodeDecodeError:
            return None

    def keep(self, closure: Closure, text: str) -> None:
        """Keeps a rendering that its files decide. Failures aren't kept: time or memory may have
        been short."""
        if closure.needs:
            return
        self._cache.put(self._key(closure), text.encode("utf-8"))

    def _key(self, closure: Closure) -> str:
        entries = self._snapshot.entries
        files = [(path, entries[path].mode, entries[path].id) for path in closure.paths]
        parts = [*self._start, closure.overlay, files]
        return hashlib.sha256(json.dumps(parts).encode("ascii")).hexdigest()
