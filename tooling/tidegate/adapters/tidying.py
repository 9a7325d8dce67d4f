"""What is tidied up beside the work, and waited for before the command ends."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

_begun: list[Event] = []


def beside(work: Callable[[], object]) -> None:
    """Does it in a thread, which the end of the process waits for too."""
    done = Event()

    def tidy() -> None:
        try:
            work()
        finally:
            done.set()

    _begun.append(done)
    Thread(target=tidy, name="tidying").start()


def settle() -> None:
    """Waits until all of it is done. Ctrl-C ends the waiting, and none of the work."""
    while _begun:
        _begun[-1].wait()  # a thread whose `join` is interrupted counts as ended
        _begun.pop()
