"""A lock between the processes of one machine. It only saves them from racing each other: what
keeps promotions right is the remote, which takes a commit on its own head and no other."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

try:
    import fcntl
except ImportError:  # Windows: they race, and the remote decides
    fcntl = None  # type: ignore[assignment]

_POLL_SECONDS = 0.02
_RESERVE_SECONDS = 30.0


@contextlib.contextmanager
def hold_lock(
    path: Path,
    remaining: Callable[[], float],
    taken: Callable[[], None],
    wait: Callable[[float], None] = time.sleep,
) -> Iterator[bool]:
    """Holds the file's lock, which ends with the process however it ends; yields whether somebody
    else had it, of which `taken` is told before the wait. Goes on without where no lock can be
    had: on a file system without them, or when of the `remaining` seconds only those are left
    that publishing itself may need."""
    if fcntl is None:
        yield False
        return
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = path.open("ab")
    except OSError:
        yield False
        return
    with handle:
        reserve = min(_RESERVE_SECONDS, remaining() / 2)
        waited = False
        while _taken(handle) and remaining() > reserve:
            if not waited:
                taken()
            waited = True
            wait(_POLL_SECONDS)
        yield waited


def _taken(handle: IO[bytes]) -> bool:
    """Whether somebody else has the lock; where nobody has, it is ours now."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False
