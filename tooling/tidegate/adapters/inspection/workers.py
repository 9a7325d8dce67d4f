"""Several workers, each asked in turn, killed and replaced when one takes too long or dies."""

from __future__ import annotations

import contextlib
import pickle
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

_WORDS = [sys.executable, "-P", "-m", "tidegate.adapters.inspection.worker"]


class Exhausted(Exception):
    """A worker gave no answer; the message says why, without a subject."""


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
        """One worker's answer to a question of so many items. Raises Exhausted where it takes too
        much time or memory, and Unreachable after `close`."""
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
            memory = self._memory // 1024**2
            ended = self._end(worker)
            worker = None
            if self._closed.is_set():
                raise Unreachable("interrupted") from None
            reason = f"needs more than {memory} MiB of memory, or broke the checker ({ended})"
            raise Exhausted(reason) from None
        finally:
            self._give(worker)

    def prepare(self) -> None:
        """Starts one worker, if none is there yet; whoever asks next gets it."""
        worker = self._take()
        try:
            if worker is None and not self._closed.is_set():
                worker = self._start()
        except (Closed, TidegateError):
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
            if self._idle:
                return self._idle.pop()
            self._unused -= 1
            return None

    def _give(self, worker: _Worker | None) -> None:
        with self._freed:
            if worker:
                self._idle.append(worker)
            else:
                self._unused += 1
            self._freed.notify_all()

    def _end(self, worker: _Worker | None) -> str:
        if worker is None:
            return "it did not start"
        self._started.discard(worker)
        return worker.end()

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
        write_frame(self._questions, setup)

    def ask(self, question: bytes, seconds: float) -> bytes:
        """Raises Late and Closed."""
        write_frame(self._questions, question)
        return read_frame(self._answers, seconds)

    def kill(self) -> None:
        """Ends the process; safe from any thread, and more than once."""
        process.kill(self._process)

    def end(self) -> str:
        """Kills the process, and says how it had ended, if it had."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=0.2)
        status = self._process.poll()
        process.kill(self._process)
        for pipe in (self._questions, self._answers):
            with contextlib.suppress(OSError):
                pipe.close()
        if status is None:
            return "it was ended"
        return f"signal {-status}" if status < 0 else f"exit status {status}"
