"""Servers for tests, as plain processes: where their binaries lie, which ports are free, and how
they end, whatever happens to the tests."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

_START_SECONDS = 180
_STOP_SECONDS = 10
_POLL_SECONDS = 0.1
_SAID_BYTES = 4000


def find(name: str) -> Path | None:
    """A binary or file, in the folder that TIDEGATE_TEST_BIN names, then on PATH."""
    place = os.environ.get("TIDEGATE_TEST_BIN")
    if place and (Path(place) / name).exists():
        return Path(place) / name
    found = shutil.which(name)
    return Path(found) if found else None


def missing(*names: str) -> str | None:
    """Why there can be no server of these binaries here; None where there can."""
    absent = [name for name in names if find(name) is None]
    return f"{' and '.join(absent)} not in TIDEGATE_TEST_BIN or on PATH" if absent else None


def free_ports(number: int) -> list[int]:
    """Ports on loopback that nobody listens on."""
    listeners = [socket.create_server(("127.0.0.1", 0)) for _ in range(number)]
    with ExitStack() as stack:
        for listener in listeners:
            stack.enter_context(closing(listener))
        return [listener.getsockname()[1] for listener in listeners]


class Server:
    """A process that runs until it is stopped, and may be started again as it was."""

    def __init__(
        self, command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
    ) -> None:
        self._command = _tied(command)
        self._environ = {**os.environ, **(environ or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self.log = log
        self.start()

    def start(self) -> None:
        """Starts the process, in a group of its own; nothing where it runs already."""
        if self._process is None:
            with self.log.open("ab") as output:
                self._process = subprocess.Popen(
                    self._command,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    cwd=tempfile.gettempdir(),
                    env=self._environ,
                    start_new_session=True,
                )

    def stop(self) -> None:
        """Ends the process and all that it started; nothing where it has ended."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(_STOP_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def pause(self) -> None:
        """Makes it neither work nor answer, as a machine does that hangs."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Lets it go on after a pause."""
        self._signal(signal.SIGCONT)

    def check(self) -> None:
        """Raises AssertionError, with the end of the log, where the process has ended by itself."""
        if self._process is not None and self._process.poll() is not None:
            raise AssertionError(f"{self.log.stem} has ended: {self._said()}")

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Returns as soon as `ready` says so. Raises AssertionError, with the end of the log,
        where the process ends before, or three minutes pass."""
        for _ in range(int(_START_SECONDS / _POLL_SECONDS)):
            if ready():
                return
            self.check()
            time.sleep(_POLL_SECONDS)
        raise AssertionError(f"{self.log.stem} isn't ready: {self._said()}")

    def _said(self) -> str:
        return self.log.read_bytes()[-_SAID_BYTES:].decode("utf-8", "replace")

    def _signal(self, number: int) -> None:
        if self._process is not None:
            self._process.send_signal(number)


@contextmanager
def server(
    command: Sequence[str], log: Path, environ: Mapping[str, str] | None = None
) -> Iterator[Server]:
    """A process that is stopped with the context. It ends with this process too, even where that
    one is killed."""
    running = Server(command, log, environ)
    try:
        yield running
    finally:
        running.resume()
        running.stop()


def _tied(command: Sequence[str]) -> list[str]:
    """The command so that it ends with us even where we are killed, on systems that can do that."""
    setpriv = shutil.which("setpriv")
    return [*((setpriv, "--pdeathsig", "TERM") if setpriv else ()), *command]
