"""Places where a command can be made to stop and wait, so that it can be killed right there."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import time
from dataclasses import dataclass
from pathlib import Path

from tests.support.commands import Command
from tests.support.gitops import World

_PATIENCE_SECONDS = 60


@dataclass
class Stop:
    """A script that waits the first time that it runs, and after that does its work at once."""

    folder: Path

    @classmethod
    def make(cls, world: World) -> Stop:
        """A place in a test's own world."""
        folder = world.folder / "stop"
        folder.mkdir()
        for name in ("here", "go"):
            os.mkfifo(folder / name)
        return cls(folder)

    def script(self, path: Path, work: str) -> None:
        """Writes the script: it waits once, then does `work` (`"$@"` are its arguments)."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(
            "#!/bin/sh\n"
            f"if mkdir '{self.folder}/once' 2>/dev/null; then\n"
            f"  echo here > '{self.folder}/here'\n"
            f"  read line < '{self.folder}/go'\n"
            "fi\n"
            f"{work}\n"
        )
        path.chmod(0o755)

    def wait(self, process: Command) -> None:
        """Returns when the script is waiting; fails where the command ended before."""
        reader = os.open(self.folder / "here", os.O_RDONLY | os.O_NONBLOCK)
        try:
            for _ in range(_PATIENCE_SECONDS):
                if select.select([reader], [], [], 1)[0]:
                    return
                assert process.poll() is None, process.communicate()
            raise AssertionError("the command never came there")
        finally:
            os.close(reader)

    def release(self) -> None:
        """Lets the waiting script go on, if it still lives."""
        try:
            writer = os.open(self.folder / "go", os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody reads
            return
        os.write(writer, b"go\n")
        os.close(writer)


def left_behind(world: World) -> dict[int, str]:
    """The processes that still belong to a test's world, by what they were started with."""
    mark = os.fsencode(world.folder)
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command = (folder / "cmdline").read_bytes()
            if mark in (folder / "environ").read_bytes() or mark in command:
                found[int(folder.name)] = command.replace(b"\0", b" ").decode()
        except OSError:
            continue
    found.pop(os.getpid(), None)
    return {pid: command for pid, command in found.items() if command}


def wait_for_the_end(world: World) -> None:
    """Returns when no process of the test's world is left; fails where one stays. What was
    killed is gone only when the machine gets round to it."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while found := left_behind(world):
        for pid in found:
            with contextlib.suppress(OSError):
                handle = os.pidfd_open(pid)
                select.select([handle], [], [], max(0.0, end - time.monotonic()))
                os.close(handle)
        assert time.monotonic() < end, found


def kill(process: Command, world: World, *, whole: bool) -> None:
    """kill -9: the process alone, or all that works in the world, as when the power goes."""
    process.kill()
    for pid in left_behind(world) if whole else ():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    process.communicate()
