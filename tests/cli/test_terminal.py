"""What is shown while something goes on: a bar for who watches, nothing for a log."""

from __future__ import annotations

import io
from contextlib import suppress

import pytest

from tidegate.cli.terminal import Terminal


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("stream", "environ"), [(io.StringIO(), {}), (Screen(), {"TERM": "dumb"})])
def test_nothing_is_drawn_where_nobody_watches(
    stream: io.StringIO, environ: dict[str, str]
) -> None:
    with Terminal(io.StringIO(), stream, environ).bar("checking") as advance:
        advance(1, 2)
    assert stream.getvalue() == ""


def test_a_bar_is_drawn_and_taken_away() -> None:
    out, screen = io.StringIO(), Screen()
    with Terminal(out, screen, {}).bar("checking") as advance:
        for done in range(1, 4):
            advance(done, 3)
    drawn = screen.getvalue()
    assert "checking" in drawn
    assert "3/3" in drawn
    assert drawn.endswith("\x1b[2K")  # the line is empty again
    assert out.getvalue() == ""


def test_an_error_leaves_the_cursor_visible() -> None:
    screen = Screen()
    with suppress(KeyboardInterrupt), Terminal(io.StringIO(), screen, {}).bar("checking"):
        raise KeyboardInterrupt
    assert screen.getvalue().rindex("\x1b[?25h") > screen.getvalue().rindex("\x1b[?25l")
