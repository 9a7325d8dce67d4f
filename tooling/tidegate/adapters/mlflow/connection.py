"""Questions to one MLflow store: each within a time limit, many at once over HTTP."""

from __future__ import annotations

import queue
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from typing import Any, TypeVar

from tidegate.adapters.mlflow import faults, library
from tidegate.adapters.mlflow.address import Address
from tidegate.errors import OutsideError, TidegateError, Unreachable

T = TypeVar("T")
Item = TypeVar("Item")

# More threads don't make a server of two workers faster, and MLflow's pool has ten connections.
_WORKERS = 4
_PATIENCE = 5
# MLflow imports more libraries while it opens a database, which takes long on a busy machine.
_OPENING_SECONDS = 60.0


class Connection:
    """One store, opened at the first question."""

    def __init__(
        self,
        address: Address,
        *,
        timeout: float,
        retries: int,
        remaining: Callable[[], float],
    ) -> None:
        self.address = address
        self.timeout = timeout
        self._retries = retries
        self._remaining = remaining
        self._client: Any = None
        self._opening = threading.Lock()

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A batch of questions. Raises OutsideError or Unreachable where the store can't be
        opened."""
        with library.limits(self.timeout, self._retries):
            self._open()
            yield Session(self)

    def _open(self) -> None:
        with self._opening:
            if self._client is None:
                _inspect(self.address, self.timeout)
                library.load()
                try:
                    self._client = self._within(
                        max(self.timeout, _OPENING_SECONDS),
                        lambda: library.open_client(self.address),
                    )
                except Exception as error:  # noqa: BLE001 - translated, whatever it is
                    # Without the cause, whose text may hold credentials.
                    raise faults.unopened(error, self.address) from None

    def ask(self, question: Callable[[Any], T]) -> T:
        """One question to the opened store, which raises the library's own exceptions."""
        return self._within(self.timeout, lambda: question(self._client))

    def _within(self, seconds: float, work: Callable[[], T]) -> T:
        """MLflow's own time limit is one between two bytes, and none for the look-up of a name.
        A thread that is still waiting when ours is over is left to that, and ends with us."""
        seconds = max(0.0, min(seconds, self._remaining()))
        outcome: queue.SimpleQueue[tuple[T | None, BaseException | None]] = queue.SimpleQueue()

        def run() -> None:
            try:
                outcome.put((work(), None))
            except BaseException as error:  # noqa: BLE001 - raised again by the one who asked
                outcome.put((None, error))

        threading.Thread(target=run, name="mlflow-question", daemon=True).start()
        try:
            answer, error = outcome.get(timeout=seconds)
        except queue.Empty:
            raise faults.unanswered(self.address, seconds) from None
        if error is not None:
            raise error
        return answer  # type: ignore[return-value]  # None only where T allows it


class Session:
    """A batch of questions. A store that doesn't answer one of them, or fails again and again,
    is not asked the rest: they get the same error at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._address = connection.address
        self._failures = 0
        self._given_up: TidegateError | None = None

    def ask(self, question: Callable[[Any], T]) -> T:
        """What `question` returns when it is given MLflow's client. Raises NotFound, Unreachable
        after `timeout` seconds at the latest, or OutsideError."""
        if self._given_up is not None:
            raise self._given_up
        try:
            answer = self._connection.ask(question)
        except Exception as error:  # noqa: BLE001 - translated, whatever it is
            fault = faults.translate(error, self._address)
            self._failures = 0 if fault.healthy else self._failures + 1
            if isinstance(fault.error, Unreachable) or self._failures >= _PATIENCE:
                self._given_up = fault.error
            raise fault.error from None
        self._failures = 0
        return answer

    def each(
        self, work: Callable[[Item], T], items: Sequence[Item]
    ) -> Iterator[tuple[Item, T | TidegateError]]:
        """Each item with what `work` made of it, or the error that it met, in order."""

        def caught(item: Item) -> T | TidegateError:
            try:
                return work(item)
            except TidegateError as error:
                return error

        # Python's own lock keeps threads from making SQLite any faster.
        if self._address.file is not None or len(items) < 2:
            yield from ((item, caught(item)) for item in items)
            return
        pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix="mlflow")
        try:
            yield from zip(items, pool.map(caught, items), strict=True)
        finally:
            pool.shutdown(cancel_futures=True)


def _inspect(address: Address, timeout: float) -> None:
    """Refuses what isn't an MLflow database before MLflow sees it, which would create one."""
    if address.file is None:
        return
    if not address.file.is_file():
        raise Unreachable(
            f"the MLflow store {address.shown} does not exist",
            hint="look whether the path in the model registry's address is right",
        )
    try:
        uri = f"file:{address.file}?mode=ro"
        with closing(sqlite3.connect(uri, uri=True, timeout=timeout)) as database:
            database.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", None) in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise faults.unanswered(address, timeout) from error
        message = f"{address.shown} is not an MLflow store: {error}"
        raise OutsideError(message) from error
