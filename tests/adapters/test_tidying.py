"""What is tidied up beside the work is waited for, and survives Ctrl-C."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from types import FrameType

import pytest

from tidegate.adapters.tidying import beside, settle


@pytest.fixture
def interrupted() -> Iterator[None]:
    """Ctrl-C comes in a moment."""

    def end(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, 0.1)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.mark.usefixtures("interrupted")
def test_ctrl_c_ends_the_waiting_and_not_the_work() -> None:
    go, done = threading.Event(), []

    def work() -> None:
        go.wait(60)
        done.append(1)

    beside(work)
    with pytest.raises(KeyboardInterrupt):
        settle()
    assert done == []
    go.set()
    settle()
    assert done == [1]
