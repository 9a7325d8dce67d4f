"""Several workers, each asked in turn, killed and replaced when one takes too long or dies."""

from __future__ import annotations

import contextlib
import pickle
import signal
import subprocess
import sys
import threading
from typing import Any, BinaryIO, cast

from tidegate.adapters import process
from tidegate.adapters.inspection.pipe import Closed, Late, read_frame, write_frame
from tidegate.errors import TidegateError, Unreachable

# What a start takes: who waits that long for a worker that has something else to do might as well
# have begun another.
_START_SECONDS = 0.3

# By these somebody else ends a process; its own faults have other signals.
_FROM_OUTSIDE = frozenset(
    -number
    for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)
)

_WORDS = [sys.executable, "-P", "-m", "tidegate.adapters.inspection.worker"]


class Exhausted(Exception):
    """A worker gave no answer; the message says why, without a subject."""


class Killed(Exhausted):
    """A worker was ended from outside, which says nothing of what it was asked."""


class Spare:
    """A worker that imports what it needs while nobody knows yet what it will be asked. It ends
    with us where nobody asks."""

    def __init__(self) -> None:
        """Raises ToolFailed."""
        self.process = process.start(_WORDS)


class Workers:
    """At most `jobs` processes, started when they are needed. Safe to use from several threads."""

    def __init__(
        self,
        setup: Any,
        *,
        jobs: int,
        seconds: float,
        memory: int,
        lifetime: int = 4000,
        patience: float = _START_SECONDS,
        spare: Spare | None = None,
    ) -> None:
        """`setup` is each worker's first frame; each question may take `seconds`, and each
        process `memory` bytes. After `lifetime` items of questions a process is replaced. Another
        one is started where none is free within `patience` seconds. The first is `spare`, where
        there is one."""
        self._setup = pickle.dumps((memory, setup))
        self._seconds = seconds
        self._memory = memory
        self._lifetime = lifetime
        self._patience = patience
        self._jobs = self._unused = jobs
        self._idle: list[_Worker] = []
        self._freed = threading.Condition()
        self._closed = threading.Event()
        self._started: set[_Worker] = set()
        self._spare = [spare] if spare else []

    def ask(self, question: Any, items: int = 1) -> bytes:
        """One worker's answer to a question of so many items; another one's where the first is
        ended from outside. Raises Killed where that one is too, Exhausted where the question takes
        too much time or memory, and Unreachable after `close`."""
        try:
            return self._ask(question, items)
        except Killed:
            return self._ask(question, items)

    def _ask(self, question: Any, items: int) -> bytes:
        worker = self._take()
        try:
            if self._closed.is_set():
                raise Unreachable("interrupted")
            worker = worker or self._start()
            answer = worker.ask(pickle.dumps(question), self._seconds)
            worker.items += items
            # The CEL library never gives back some of what it takes.
            if worker.items >= self._lifetime:
                self._end(worker)
                worker = None
            return answer
        except Late:
            self._end(worker)
            worker = None
            if self._closed.is_set():
                raise Unreachable("interrupted") from None
            raise Exhausted(f"takes longer than {self._seconds:g} s to check") from None
        except Closed:
            status = self._end(worker)
            worker = None
            if self._closed.is_set():
                raise Unreachable("interrupted") from None
            raise self._failure(status) from None
        finally:
            self._give(worker)

    def prepare(self) -> None:
        """Starts one worker, if none is there yet; whoever asks next gets it."""
        worker = self._take()
        try:
            if worker is None and not self._closed.is_set():
                worker = self._start()
        except TidegateError:
            worker = None  # whoever asks will be told
        finally:
            self._give(worker)

    def close(self) -> None:
        """Ends every process, whatever it is doing: who waits for it gets Unreachable."""
        self._closed.set()
        while self._spare:
            process.kill(self._spare.pop().process)
        for worker in list(self._started):
            worker.kill()

    def _take(self) -> _Worker | None:
        """A worker that has nothing to do; None where one is to be started."""
        with self._freed:
            self._freed.wait_for(
                lambda: self._idle or self._unused == self._jobs, timeout=self._patience
            )
            self._freed.wait_for(lambda: self._idle or self._unused)
            if not self._idle:
                self._unused -= 1
                return None
            worker = self._idle.pop()
            if worker.alive:
                return worker
            self._end(worker)
            return None

    def _give(self, worker: _Worker | None) -> None:
        with self._freed:
            if worker:
                self._idle.append(worker)
            else:
                self._unused += 1
            self._freed.notify_all()

    def _end(self, worker: _Worker | None) -> int | None:
        if worker is None:
            return None
        self._started.discard(worker)
        return worker.end()

    def _failure(self, status: int | None) -> Exhausted:
        ended = "was ended" if status is None else process.ending(status)
        if status in _FROM_OUTSIDE:
            return Killed(
                f"got no answer twice: the checking process {ended}, by somebody or for want of "
                "memory; fewer processes (--jobs) need less"
            )
        memory = self._memory // 1024**2
        reason = f"needs more than {memory} MiB of memory, or broke the checker, which {ended}"
        return Exhausted(reason)

    def _start(self) -> _Worker:
        try:
            spare = self._spare.pop()  # one thread's, whoever comes first
        except IndexError:
            spare = Spare()
        worker = _Worker(self._setup, spare)
        self._started.add(worker)
        if self._closed.is_set():  # between our look at it and now
            worker.kill()
        return worker


class _Worker:
    """One process; `items` counts what it has answered."""

    def __init__(self, setup: bytes, spare: Spare) -> None:
        self._process = spare.process
        # Popen has both, since both were asked for.
        self._questions = cast("BinaryIO", self._process.stdin)
        self._answers = cast("BinaryIO", self._process.stdout)
        self.items = 0
        with contextlib.suppress(Closed):  # whoever asks will be told
            write_frame(self._questions, setup)

    @property
    def alive(self) -> bool:
        """Whether the process still runs."""
        return self._process.poll() is None

    def ask(self, question: bytes, seconds: float) -> bytes:
        """Raises Late and Closed."""
        write_frame(self._questions, question)
        return read_frame(self._answers, seconds)

    def kill(self) -> None:
        """Ends the process; safe from any thread, and more than once."""
        process.kill(self._process)

    def end(self) -> int | None:
        """Kills the process; the status with which it had ended, if it had."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.2)
        status = self._process.poll()
        process.kill(self._process)
        for pipe in (self._questions, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
        return status
