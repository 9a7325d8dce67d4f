"""Several questions to the outside at once. Nobody is waited for after Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

WORKERS = 8

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")


def each(items: Iterable[A], ask: Callable[[A], B], *, workers: int = WORKERS) -> list[B]:
    """`ask` of every item, in the items' order, several at once; the first exception wins."""
    known = list(items)
    if min(workers, len(known)) < 2:
        return [ask(item) for item in known]
    with _pool(min(workers, len(known))) as pool:
        return list(pool.map(ask, known))


def together(
    first: Callable[[], A], second: Callable[[], B], third: Callable[[], C], fourth: Callable[[], D]
) -> tuple[A, B, C, D]:
    """Four different questions, and their answers."""
    with _pool(4) as pool:
        one, two = pool.submit(first), pool.submit(second)
        three, four = pool.submit(third), pool.submit(fourth)
        return one.result(), two.result(), three.result(), four.result()


@contextmanager
def _pool(workers: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(max_workers=workers)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()
