"""The command line as a process of its own, without the seconds that MLflow takes to be imported:
one process imports everything once, and each command is a fork of it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from tidegate.cli.entry import entry

_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["tests.support.imported"])


class Command:
    """A command that runs, in the words of `subprocess.Popen`. What it says goes to files in the
    folder, so that it waits for no reader."""

    def __init__(
        self, arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], folder: Path
    ) -> None:
        said = Path(tempfile.mkdtemp(prefix="said-", dir=folder))
        self._out, self._err = said / "out", said / "err"
        self._arguments = arguments
        self._process = _FORKS.Process(
            target=_run, args=(arguments, cwd, dict(environ), self._out, self._err)
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """None while it runs; negative where a signal has ended it."""
        return self._process.exitcode

    def poll(self) -> int | None:
        """The same."""
        return self.returncode

    def said(self) -> str:
        """What it has said on standard output so far."""
        return self._out.read_text("utf-8") if self._out.exists() else ""

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal to the process alone."""
        os.kill(self._process.ident or 0, number)

    def kill(self) -> None:
        """kill -9."""
        self._process.kill()

    def communicate(self, timeout: float = 60) -> tuple[str, str]:
        """What it has said on standard output and standard error, once it has ended."""
        self._process.join(timeout)
        if self._process.is_alive():
            raise subprocess.TimeoutExpired(list(self._arguments), timeout)
        return self._out.read_text("utf-8"), self._err.read_text("utf-8")


def _run(
    arguments: Sequence[str], cwd: Path, environ: Mapping[str, str], out: Path, err: Path
) -> None:
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(environ)
    for number, path in ((1, out), (2, err)):
        os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT), number)
    sys.argv = ["tidegate", *arguments]
    entry()
