"""The entry point, and the one place where errors become exit codes."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, NoReturn

from tidegate.cli.parser import build
from tidegate.errors import InputError, OutsideError, TidegateError, Unreachable

if TYPE_CHECKING:
    from types import FrameType

    from tidegate.cli.terminal import Terminal

OUTSIDE, BUG, INTERRUPTED, GONE = 3, 70, 130, 141
_TIDYING_SECONDS = 2.0
_GRACE_SECONDS = 3.0


class _OutOfTime(KeyboardInterrupt):
    """The whole command's time is over, and none of its parts has said so."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command line and returns its exit code. Never raises."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if "_ARGCOMPLETE" in os.environ:
        _complete()
    try:
        return _answer(words)
    except BrokenPipeError:  # whoever read us has gone
        _drop_output()
        return GONE


def finish(code: int) -> NoReturn:
    """Ends the process. After Ctrl-C, or when something outside has failed, nobody waits for
    threads that still wait for a server."""
    for stream in (sys.stdout, sys.stderr):
        try:
            if stream is not None:
                stream.flush()
        except BrokenPipeError:
            _drop_output()
            code = GONE
        except OSError:  # a full disk: never 0 for a report that nobody got
            _drop_output()
            code = code or 3
    if code in (OUTSIDE, INTERRUPTED):
        _let_threads_tidy_up()
        os._exit(code)
    sys.exit(code)


def _let_threads_tidy_up() -> None:
    """What our threads wait for was ended, so they remove their temporary files now. One that
    waits for a server is left alone."""
    import threading
    import time

    end = time.monotonic() + _TIDYING_SECONDS
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.current_thread():
            thread.join(max(0.0, end - time.monotonic()))


def _drop_output() -> None:
    """What is left of standard output goes nowhere: Python would complain at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _answer(words: Sequence[str]) -> int:
    try:
        return _run(words)
    except SystemExit as leaving:  # argparse after --help and --version
        return leaving.code if isinstance(leaving.code, int) else 0
    except _OutOfTime:
        return _fail(words, _out_of_time(), OUTSIDE)
    except KeyboardInterrupt:
        return _fail(words, _interrupted(), INTERRUPTED)
    except TidegateError as error:
        return _fail(words, error, error.exit_code)
    except BrokenPipeError:
        raise
    except Exception as error:  # noqa: BLE001 the last line of defence: no traceback unasked
        return _crash(words, error)


def _interrupted() -> TidegateError:
    return TidegateError(
        "interrupted; nothing half-done was left behind",
        hint="the same command again does what is left to do",
    )


def _out_of_time() -> TidegateError:
    return Unreachable(
        "the command took longer than it may, and was ended",
        hint="run it again, which does what is left to do, or give it more with --timeout SECONDS",
    )


def _run(words: Sequence[str]) -> int:
    parser = build(words)
    parsed, unknown = parser.parse_known_args(words)
    if unknown:
        where = f"tidegate {parsed.command}" if parsed.command else "tidegate"
        message = f"unrecognized arguments: {' '.join(unknown)}"
        raise InputError(message, hint=f"see `{where} --help`")
    if parsed.command is None:
        parser.print_help()
        return 0
    _require_folder()
    from importlib import import_module

    from tidegate.cli.surroundings import settle
    from tidegate.cli.terminal import standard_terminal

    terminal = standard_terminal(color=not parsed.no_color, verbose=parsed.verbose)
    _end_children_on_signals()
    verb = import_module(f"tidegate.cli.commands.{parsed.command}")
    with _ended_after(parsed.timeout + _GRACE_SECONDS):
        code: int = verb.run(parsed, terminal)
        settle()
    return code


def _require_folder() -> None:
    try:
        os.getcwd()  # noqa: PTH109 pathlib takes a hundredth of a second to load
    except FileNotFoundError:
        raise InputError(
            "the folder that you are in is gone", hint="go to one that is there"
        ) from None


@contextlib.contextmanager
def _ended_after(seconds: float) -> Iterator[None]:
    """Ends what runs too long. Everything that we ask has its own limit, and says which it was;
    this one is for what should keep to that limit and doesn't."""
    import signal

    from tidegate.cli.surroundings import interrupt

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 signal's shape
        interrupt(_OutOfTime())

    if not hasattr(signal, "setitimer"):  # Windows
        yield
        return
    signal.signal(signal.SIGALRM, end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _end_children_on_signals() -> None:
    """Ctrl-C, a runner's SIGTERM and a terminal that is closed end what we have started before
    they end us."""
    import signal
    import time

    # Imported now: the signal may come while anything else is half imported.
    from tidegate.cli.surroundings import interrupt

    ended: list[float] = []

    def end(number: int, frame: FrameType | None) -> None:  # noqa: ARG001 signal's shape
        # An impatient hand's second one must not end the tidying up that the first began.
        if ended and time.monotonic() - ended[-1] < _TIDYING_SECONDS:
            return
        ended.append(time.monotonic())
        interrupt(KeyboardInterrupt())

    signal.signal(signal.SIGINT, end)
    signal.signal(signal.SIGTERM, end)
    hangup = getattr(signal, "SIGHUP", None)  # which Windows doesn't have, and nohup ignores
    if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:
        signal.signal(hangup, end)


def _fail(words: Sequence[str], error: TidegateError, code: int) -> int:
    from tidegate.cli.terminal import standard_terminal

    terminal = standard_terminal(verbose="-v" in words or "--verbose" in words)
    _report_error(words, terminal, error, code)
    terminal.complain(error.message, error.hint)
    return code


def _crash(words: Sequence[str], error: Exception) -> int:
    from tidegate.cli.terminal import standard_terminal

    terminal = standard_terminal(verbose="-v" in words or "--verbose" in words)
    what = TidegateError(
        f"this is a bug of Tidegate's: {type(error).__name__}: {error}",
        hint="please report it, with what `-v` prints; nothing was committed unless it says so",
    )
    _report_error(words, terminal, what, BUG)
    terminal.complain(what.message, what.hint)
    if terminal.verbose:
        import traceback

        terminal.trace("".join(traceback.format_exception(error)))
    return BUG


def _report_error(
    words: Sequence[str], terminal: Terminal, error: TidegateError, code: int
) -> None:
    """With `--format json` there is a document on standard output whatever happens, and with
    `--format markdown` a line for the job's summary."""
    forms = {after for before, after in pairwise(words) if before == "--format"}
    forms |= {word.removeprefix("--format=") for word in words if word.startswith("--format=")}
    if "json" in forms:
        from tidegate.report import json
        from tidegate.report.document import dump

        text = dump(json.error(error, code))
    elif "markdown" in forms:
        from tidegate.report.written import refusal

        text = f"{refusal(error)}\n"
    else:
        return
    with contextlib.suppress(OutsideError):  # it can't be written: `complain` says so
        terminal.write(text)


def _complete() -> None:
    import argcomplete

    argcomplete.autocomplete(build([], everything=True))
