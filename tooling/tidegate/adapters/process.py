"""The one place where binaries are started: no shell, a time limit, their whole error output."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Event, current_thread, main_thread

from tidegate.errors import ToolFailed, ToolMissing, Unreachable

_running: set[subprocess.Popen[bytes]] = set()
_no_more = Event()


class _Starting:
    """Whether the main thread is just starting a binary, and what waits for the end of that."""

    busy = False
    waiting: BaseException | None = None


_starting = _Starting()

_GRACE_SECONDS = 2.0
_SHOWN_OUTPUT = 4_000


@dataclass(frozen=True, slots=True)
class Completed:
    """What a finished binary said."""

    status: int
    stdout: bytes
    stderr: str


def find(names: Sequence[str], *, hint: str, path: str | None = None) -> str:
    """The first of `names` that is on PATH. Raises ToolMissing with `hint`."""
    for name in names:
        found = shutil.which(name, path=path)
        if found:
            return found
    raise ToolMissing(f"{' or '.join(names)} is not on PATH", hint=hint)


def _name(command: Sequence[str]) -> str:
    """What people know the binary by, behind what only limits it."""
    limited = Path(command[0]).name == "prlimit" and "--" in command[:-1]
    return Path(command[command.index("--") + 1] if limited else command[0]).name


def run(
    command: Sequence[str],
    *,
    timeout: float,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    stdin: bytes | None = None,
    accepted: Collection[int] = (0,),
) -> Completed:
    """Runs a binary to its end. `env` is its whole environment; None passes ours on.

    Raises ToolMissing, Unreachable when `timeout` seconds are over (the whole process group is
    ended first, as it is at Ctrl-C), and ToolFailed for an exit status that isn't accepted.
    """
    name = _name(command)
    try:
        process = launch(
            lambda: subprocess.Popen(
                list(command),
                cwd=cwd,
                env=None if env is None else dict(env),
                stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                start_new_session=True,
            )
        )
    except FileNotFoundError as error:
        raise ToolMissing(f"{name} can't be started: {error.strerror}") from error
    except OSError as error:
        raise ToolFailed(f"{name} can't be started: {error.strerror}") from error
    try:
        stdout, stderr = finish(process, timeout=timeout, stdin=stdin)
    except TimeoutError as error:
        raise Unreachable(f"{name} did not finish within {timeout:g} s and was ended") from error
    text = stderr.decode("utf-8", "replace")
    if process.returncode not in accepted:
        raise ToolFailed(f"{name} {ending(process.returncode)}{_said(text)}", output=text)
    return Completed(process.returncode, stdout, text)


def launch(begin: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Starts a binary, of which no signal can make us lose sight before it is known."""
    if current_thread() is not main_thread():  # the only one that signals interrupt
        process = begin()
        _running.add(process)
        return process
    _starting.busy = True
    try:
        process = begin()
    except BaseException:
        _go_on(None)
        raise
    _running.add(process)
    _go_on(process)
    return process


def _go_on(process: subprocess.Popen[bytes] | None) -> None:
    """Lets signals interrupt again, and first of all the one that had to wait."""
    _starting.busy = False
    if _starting.waiting is not None:
        if process is not None:
            kill(process)
        raise _starting.waiting


def finish(
    process: subprocess.Popen[bytes], *, timeout: float, stdin: bytes | None = None
) -> tuple[bytes, bytes]:
    """Waits for a started binary: its whole output and error output.

    Raises TimeoutError when `timeout` seconds are over. Then, and at Ctrl-C, it is ended first,
    with all that it started where it leads a process group of its own.
    """
    _running.add(process)
    try:
        if _no_more.is_set():
            raise Unreachable("interrupted")
        return process.communicate(stdin, timeout=timeout)
    except subprocess.TimeoutExpired:
        _end(process)
        raise TimeoutError from None
    except BaseException:
        _end(process)
        raise
    finally:
        _running.discard(process)


def start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    """Starts a process of our own that is talked to by its standard input and output, and ended
    by `kill`; its error output goes nowhere. Raises ToolFailed."""
    if _no_more.is_set():
        raise Unreachable("interrupted")
    try:
        return launch(
            lambda: subprocess.Popen(
                list(command),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        )
    except OSError as error:
        raise ToolFailed(f"{command[0]} can't be started: {error.strerror}") from error


def kill(process: subprocess.Popen[bytes]) -> None:
    """Ends a started process at once, and waits until it is gone."""
    _signal(process, signal.SIGKILL)
    process.wait()
    _running.discard(process)


def interrupt(reason: BaseException) -> None:
    """For signals, which come between any two steps of the main thread: ends every binary, and
    raises `reason` there, at once or when the binary that is just being started is known."""
    end_all()
    if not _starting.busy:
        raise reason
    _starting.waiting = reason


def end_all() -> None:
    """Ends every binary that still runs, in whichever thread: for Ctrl-C, which reaches only the
    main thread, and none of our children that have a process group of their own. What a thread
    starts after that is ended at once."""
    _no_more.set()
    for process in list(_running):
        _signal(process, signal.SIGKILL)


def ending(status: int) -> str:
    """How a process with this status has ended."""
    if status >= 0:
        return f"failed with exit status {status}"
    try:
        return f"was killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"was killed by signal {-status}"


def _said(stderr: str) -> str:
    text = stderr.strip()
    if not text:
        return " and said nothing"
    return ": " + (text if len(text) <= _SHOWN_OUTPUT else "…" + text[-_SHOWN_OUTPUT:])


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        if os.getpgid(process.pid) == process.pid:
            os.killpg(process.pid, number)
        else:
            os.kill(process.pid, number)


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a process and all that it started, gently first."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        _signal(process, number)
        try:
            process.communicate(timeout=_GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            continue
        return
