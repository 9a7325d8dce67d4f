"""Several questions to the outside at once. Nobody is waited for after Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from threading import Thread
from typing import TypeVar

from tidegate.errors import TidegateError, Unreachable

WORKERS = 8

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
K = TypeVar("K", bound=Hashable)


def each(items: Iterable[A], ask: Callable[[A], B], *, workers: int = WORKERS) -> list[B]:
    """`ask` of every item, in the items' order, several at once; the first exception wins."""
    known = list(items)
    if min(workers, len(known)) < 2:
        return [ask(item) for item in known]
    with _pool(min(workers, len(known))) as pool:
        return list(pool.map(ask, known))


def both_while(
    work: Callable[[], object], first: Callable[[], A], second: Callable[[], B]
) -> tuple[A, B]:
    """Two different questions, and their answers, with some work of our own done meanwhile."""
    with _pool(2) as pool:
        one, two = pool.submit(first), pool.submit(second)
        work()
        return one.result(), two.result()


def together(
    first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], fourth: Callable[[], D]
) -> tuple[A, B, C, D]:
    """Four different questions, and their answers."""
    with _pool(4) as pool:
        one, two = pool.submit(first), pool.submit(second)
        three, four = pool.submit(third), pool.submit(fourth)
        return one.result(), two.result(), three.result(), four.result()


def within(
    seconds: float, questions: Mapping[K, Callable[[], A]], remaining: Callable[[], float]
) -> dict[K, A | TidegateError]:
    """Each question's answer, or the TidegateError that it met: Unreachable where it takes longer
    than that, or than the `remaining` seconds. Nobody waits for those that still run."""
    came: SimpleQueue[tuple[K, A | BaseException]] = SimpleQueue()

    def ask(key: K, question: Callable[[], A]) -> None:
        try:
            came.put((key, question()))
        except BaseException as error:  # noqa: BLE001 raised below, where somebody sees it
            came.put((key, error))

    for key, question in questions.items():
        Thread(target=ask, args=(key, question), daemon=True).start()
    late = Unreachable(f"no answer within {seconds:.0f} s")
    found: dict[K, A | TidegateError] = dict.fromkeys(questions, late)
    ends = max(remaining() - seconds, 1.0)
    for _ in questions:
        try:
            key, answer = came.get(timeout=max(remaining() - ends, 0.0))
        except Empty:
            break
        if isinstance(answer, BaseException) and not isinstance(answer, TidegateError):
            raise answer
        found[key] = answer
    return found


@contextmanager
def _pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
