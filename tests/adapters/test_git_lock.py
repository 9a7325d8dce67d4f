"""The lock between the processes of one clone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tidegate.adapters.git.lock import hold_lock

HOLDER = """
import sys
from pathlib import Path
from tidegate.adapters.git.lock import hold_lock
with hold_lock(Path(sys.argv[1]), lambda: 60.0, print):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Another process that holds the lock until its input ends."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdin
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


class Clock:
    """Time that passes only while somebody waits; `events` happen at their second."""

    def __init__(self, seconds: float) -> None:
        self.left = seconds
        self.waits = 0
        self.told = 0

    def remaining(self) -> float:
        return self.left

    def wait(self, seconds: float) -> None:
        self.left -= seconds
        self.waits += 1

    def taken(self) -> None:
        self.told += 1


def never() -> None:
    raise AssertionError("the lock is free")


def test_a_free_lock_is_had_at_once(tmp_path: Path) -> None:
    clock = Clock(600)
    for _ in range(2):
        with hold_lock(tmp_path / "lock", clock.remaining, clock.taken, clock.wait) as waited:
            assert not waited
    assert (clock.waits, clock.told) == (0, 0)


def test_somebody_elses_lock_is_waited_for(tmp_path: Path) -> None:
    with holder(tmp_path / "lock") as process:

        def release(_: float) -> None:
            assert process.stdin
            process.stdin.close()
            process.wait()

        told: list[str] = []
        wait = hold_lock(tmp_path / "lock", lambda: 600.0, lambda: told.append("taken"), release)
        with wait as waited:
            assert (waited, told) == (True, ["taken"])


def test_a_dead_holder_holds_nothing(tmp_path: Path) -> None:
    with holder(tmp_path / "lock") as process:
        process.kill()
        process.wait()
        with hold_lock(tmp_path / "lock", lambda: 600.0, never) as waited:
            assert not waited


def test_with_little_time_left_it_goes_on_without(tmp_path: Path) -> None:
    with holder(tmp_path / "lock"):
        clock = Clock(600)
        with hold_lock(tmp_path / "lock", clock.remaining, clock.taken, clock.wait) as waited:
            assert waited
        assert 29 < clock.left < 31
        assert clock.told == 1
        clock = Clock(10)
        with hold_lock(tmp_path / "lock", clock.remaining, clock.taken, clock.wait) as waited:
            assert waited
        assert 4 < clock.left < 6


def test_where_no_lock_can_be_had_it_goes_on_without(tmp_path: Path) -> None:
    with hold_lock(tmp_path / "no" / "such" / "folder", lambda: 1.0, never) as waited:
        assert not waited
