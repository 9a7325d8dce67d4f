"""Inspects overlays in processes of their own: what hostile documents do to one of them, they do
to nobody else."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from tidegate.adapters.inspection.workers import Exhausted, Spare, Workers
from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Inspection
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.rulebook import Rulebook
from tidegate.errors import Problem, ToolFailed
from tidegate.policy.record import load_inspections

Question = tuple[Built, RuleContext]

_TOGETHER, _TEXT = 25, 512 * 1024


class Processes:
    """An Inspector (see `ports.Inspector`) of `jobs` processes, one a core by default, each with
    so much time for a few overlays and so much memory at all."""

    def __init__(
        self,
        rulebook: Rulebook,
        versions: Sequence[str] = (),
        *,
        jobs: int | None = None,
        seconds: float = 20,
        memory: int = 2 * 1024**3,
        spare: Spare | None = None,
    ) -> None:
        """What `versions` of Kubernetes take is made ready before anybody asks. `spare` is a
        worker that was started beforehand."""
        self._jobs = jobs or os.cpu_count() or 1
        setup = rulebook, tuple(versions)
        self._workers = Workers(
            setup,
            jobs=self._jobs,
            seconds=seconds,
            memory=memory,
            spare=spare,
        )

    def problems(self) -> tuple[Problem, ...]:
        """What is wrong with the rulebook's policies. Raises ToolFailed where they take more time
        or memory than they may."""
        try:
            (answer,) = _load(self._workers.ask(None), 1)
        except Exhausted as error:
            raise ToolFailed(f"to prepare the admission policies {error}") from None
        return answer.problems if isinstance(answer, Broken) else ()

    def inspect(self, questions: Iterable[Question]) -> Iterator[Inspection | Broken]:
        """Each overlay's Inspection as soon as it is there. Raises Unreachable at Ctrl-C."""
        pool = ThreadPoolExecutor(self._jobs, thread_name_prefix="inspection")
        waiting: set[Future[list[Inspection | Broken]]] = set()
        pool.submit(self._workers.prepare)  # it starts while the first question is made
        try:
            for chunk in _chunks(questions):
                waiting.add(pool.submit(self._ask, chunk))
                done = {future for future in waiting if future.done()}
                waiting -= done
                for future in done:
                    yield from future.result()
            while waiting:
                done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                for future in done:
                    yield from future.result()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
            self._workers.close()
            pool.shutdown()

    def _ask(self, chunk: list[Question]) -> list[Inspection | Broken]:
        try:
            return _load(self._workers.ask(chunk, len(chunk)), len(chunk))
        except Exhausted as error:
            if len(chunk) > 1:  # one of them is to blame, and the others aren't
                return [found for single in chunk for found in self._ask([single])]
            overlay = chunk[0][0].overlay
            return [Broken(overlay, (Problem.whole(overlay, str(error)),))]


def _load(data: bytes, wanted: int) -> list[Inspection | Broken]:
    try:
        found = load_inspections(data)
    except ValueError:
        found = []
    if len(found) != wanted:
        raise ToolFailed("a checking process gave an answer that makes no sense")
    return found


def _chunks(questions: Iterable[Question]) -> Iterator[list[Question]]:
    chunk: list[Question] = []
    size = 0
    for question in questions:
        length = len(question[0].text)
        if chunk and (len(chunk) >= _TOGETHER or size + length > _TEXT):
            yield chunk
            chunk, size = [], 0
        chunk.append(question)
        size += length
    if chunk:
        yield chunk
