"""What is shown while something goes on: a bar for who watches, nothing for a log."""

from __future__ import annotations

import io
from contextlib import suppress
from dataclasses import replace

import pytest
from rich.text import Text
from tests.support import reports as samples

from tidegate.cli.commands.status import follow
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


def test_news_stand_above_what_is_drawn() -> None:
    screen = Screen()
    terminal = Terminal(io.StringIO(), screen, {})
    with terminal.bar("checking") as advance:
        terminal.progress("reading [red]")
        advance(1, 3)
    terminal.progress("done")
    board = terminal.board()
    with board:
        board.update("a board", refresh=True)
        terminal.tell("news")
    for words in ("· reading [red] …", "· done …", "news"):
        before, _, after = screen.getvalue().partition(words)
        assert before.endswith(("\x1b[2K", "\n", "\r")), words
        assert after.startswith("\n"), words


def test_words_from_outside_are_no_commands_of_a_workflow() -> None:
    for environ, shown in (
        ({"GITHUB_ACTIONS": "true"}, "    : :error::no\na ::b:: and ## [error]\n"),
        ({}, "    ::error::no\na ::b:: and ##[error]\n"),
    ):
        out = io.StringIO()
        Terminal(out, io.StringIO(), environ).show(Text("    ::error::no\na ::b:: and ##[error]"))
        assert out.getvalue() == shown


def test_errors_and_news_are_no_commands_either() -> None:
    err = io.StringIO()
    terminal = Terminal(io.StringIO(), err, {"GITHUB_ACTIONS": "true"})
    terminal.complain("no\n::error::x\n##[add-mask]x", "##[group]")
    terminal.tell("::notice::x")
    terminal.trace("a\n  ::debug::x\n")
    assert err.getvalue().splitlines() == [
        "tidegate: no",
        "  : :error::x",
        "  ## [add-mask]x",
        "  → ## [group]",
        ": :notice::x",
        "a",
        "  : :debug::x",
    ]


def test_an_error_leaves_the_cursor_visible() -> None:
    screen = Screen()
    with suppress(KeyboardInterrupt), Terminal(io.StringIO(), screen, {}).bar("checking"):
        raise KeyboardInterrupt
    assert screen.getvalue().rindex("\x1b[?25h") > screen.getvalue().rindex("\x1b[?25l")


def test_a_watched_status_is_drawn_over_itself_and_stays() -> None:
    screen, log = Screen(), io.StringIO()
    report = samples.status("plain")
    report = replace(report, standings=report.standings[:1])  # of more, a small screen shows none
    later = replace(report, unknown=("something else",))
    follow(iter([report, later]), Terminal(screen, io.StringIO(), {}))
    assert screen.getvalue().count("not known: plain") == 1
    assert "not known: something else" in screen.getvalue().rpartition("\x1b[2K")[2]
    follow(iter([report, later]), Terminal(log, io.StringIO(), {}))
    assert log.getvalue().endswith("\nnot known: something else\n")
    assert "\x1b" not in log.getvalue()
