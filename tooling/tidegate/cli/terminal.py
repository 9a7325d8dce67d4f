"""Standard output and standard error: everything that Tidegate says goes through here."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from tidegate.domain.redaction import redact, secrets_of
from tidegate.domain.text import no_command, one_line, printable
from tidegate.errors import OutsideError

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

_WIDE = 240


class Terminal:
    """Reports on `out`, progress and errors on `err`; secrets are masked on both."""

    def __init__(
        self,
        out: TextIO,
        err: TextIO,
        environ: Mapping[str, str],
        *,
        color: bool = True,
        verbose: bool = False,
    ) -> None:
        self._out = out
        self._err = err
        self._secrets = secrets_of(environ)
        self._color = color and "NO_COLOR" not in environ
        self._dumb = environ.get("TERM") == "dumb"
        self._drawn: Console | None = None  # what is drawn on standard error, and anew
        self._runner = "GITHUB_ACTIONS" in environ
        self.environ = environ
        self.verbose = verbose

    def write(self, text: str) -> None:
        """Text for standard output, as it is. Raises OutsideError where it can't be written, and
        BrokenPipeError when its reader has gone."""
        with _writing():
            self._out.write(redact(text, self._secrets))
            self._out.flush()

    def show(self, report: RenderableType) -> None:
        """A report for people: coloured and wrapped on a terminal, plain long lines elsewhere."""
        from rich.console import Console

        terminal = self._out.isatty() and not self._dumb
        console = Console(
            file=self._out,
            force_terminal=terminal,
            no_color=not self._color,
            color_system="auto" if terminal and self._color else None,
            highlight=False,
            markup=False,
            emoji=False,
            width=None if terminal else _WIDE,
            legacy_windows=False,
        )
        with _writing(), console.capture() as capture:
            console.print(report, crop=False)
        lines: Iterator[str] = (line.rstrip() for line in capture.get().split("\n"))
        if self._runner:
            lines = map(_disarmed, lines)
        self.write("\n".join(lines))

    def progress(self, text: str) -> None:
        """One step, on standard error: where somebody watches, or asked for it."""
        if self.verbose or (self._err.isatty() and not self._dumb):
            self._note(f"· {text} …")

    def tell(self, text: str) -> None:
        """News, on standard error, whoever reads it."""
        self._note(one_line(text))

    @property
    def watched(self) -> bool:
        """Whether somebody looks at standard error, and it can be drawn on."""
        return self._err.isatty() and not self._dumb

    def board(self) -> Live:
        """A place on standard error that is drawn anew as its content changes."""
        live = self._live(self._err, transient=True)
        self._drawn = live.console
        return live

    def screen(self) -> Live | None:
        """The same on standard output, whose last content stays; None where it isn't drawn on."""
        if self._dumb or not self._out.isatty():
            return None
        return self._live(self._out, transient=False)

    def _live(self, file: TextIO, *, transient: bool) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(
            file=file,
            no_color=not self._color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        return Live(console=console, auto_refresh=False, transient=transient)

    @contextmanager
    def bar(self, what: str) -> Iterator[Callable[[int, int], None]]:
        """A bar on standard error, to be told how much is done of how much: where somebody
        watches, and only so long as the work goes on; nothing elsewhere."""
        if not self.watched:
            yield lambda done, total: None  # noqa: ARG005 nobody watches
            return
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

        console = Console(file=self._err, force_terminal=True, no_color=not self._color)
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(
            *columns,
            console=console,
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        ) as progress:
            task = progress.add_task(what, total=None)
            self._drawn = console
            try:
                yield lambda done, total: progress.update(task, completed=done, total=total)
            finally:
                self._drawn = None

    def complain(self, text: str, hint: str | None = None) -> None:
        """An error, on standard error."""
        for number, line in enumerate(text.splitlines() or [""]):
            prefix = "tidegate: " if number == 0 else "  "
            self._note(prefix + printable(line, 4000))
        if hint:
            self._note(f"  → {one_line(hint, 1000)}")

    def trace(self, text: str) -> None:
        """A traceback, where somebody asked for it."""
        for line in text.splitlines():
            self._note(line)

    def _note(self, text: str) -> None:
        """A line of standard error, which a runner reads for commands like the other one."""
        line = redact(text, self._secrets)
        if self._runner:
            line = _disarmed(line)
        if self._drawn is not None:
            from rich.text import Text

            # Above what is drawn, and not behind it.
            self._drawn.print(Text(line), soft_wrap=True, highlight=False)
            return
        self._err.write(f"{line}\n")
        self._err.flush()


def _disarmed(line: str) -> str:
    """A line that GitHub's runner takes for no command, whoever's words are in it; those of an
    older form stand anywhere."""
    return no_command(line, ": ").replace("##[", "## [")


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutsideError(f"standard output can't be written: {error.strerror}") from error


def standard_terminal(*, color: bool = True, verbose: bool = False) -> Terminal:
    """The process's own streams. What an old terminal can't show becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    # Python has None where whoever started us closed the stream.
    out, err = sys.stdout or io.StringIO(), sys.stderr or io.StringIO()
    return Terminal(out, err, os.environ, color=color, verbose=verbose)
