"""Questions that are asked beside a watch, so that no slow answer makes it miss an event."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterator
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Generic, Protocol, TypeVar

from tidegate.errors import TidegateError

K = TypeVar("K", bound=Hashable)

AT_ONCE = 8


class Looking(Protocol[K]):
    """Whoever puts questions beside a watch."""

    def ask(self, key: K, question: Callable[[], object]) -> bool:
        """Puts a question; says whether it is a new one."""

    def answers(self) -> Iterator[tuple[K, object]]:
        """What has come since the last time."""


class Looks(Generic[K]):
    """A few questions at once, each known by its key: asked again while it waits, it is not
    asked twice. What doesn't answer by the end is left alone: its thread ends with us."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._at_once = at_once
        self._waiting: deque[tuple[K, Callable[[], object]]] = deque()
        self._open: set[K] = set()
        self._running = 0
        self._answers: SimpleQueue[tuple[K, object]] = SimpleQueue()

    def ask(self, key: K, question: Callable[[], object]) -> bool:
        """Puts a question; says whether it is a new one."""
        if key in self._open:
            return False
        self._open.add(key)
        self._waiting.append((key, question))
        self._start()
        return True

    def answers(self) -> Iterator[tuple[K, object]]:
        """What has come since the last time: each an answer, or the TidegateError it met."""
        while True:
            try:
                key, answer = self._answers.get_nowait()
            except Empty:
                return
            self._running -= 1
            self._open.discard(key)
            self._start()
            yield key, answer

    def _start(self) -> None:
        while self._waiting and self._running < self._at_once:
            key, question = self._waiting.popleft()
            self._running += 1
            Thread(target=self._run, args=(key, question), daemon=True).start()

    def _run(self, key: K, question: Callable[[], object]) -> None:
        answer: object
        try:
            answer = question()
        except TidegateError as error:
            answer = error
        except Exception as error:  # noqa: BLE001 it would be lost with its thread
            answer = TidegateError(f"{type(error).__name__}: {error}")
        self._answers.put((key, answer))
