"""What the demo prints: a heading, a command, the command's own output."""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console, RenderableType
from rich.text import Text

_TIMEOUT_SECONDS = 120


class DemoFailed(Exception):
    """The demo can't go on; the message says why, and what to do."""


class Transcript:
    """Prints each command before it runs it. Colours are for terminals only.

    Commands write to our own standard output and error, so that nothing of theirs is lost,
    delayed or reordered.
    """

    def __init__(self, console: Console, *, folder: Path, environment: Mapping[str, str]) -> None:
        self._console = console
        self._folder = folder
        self._environment = dict(environment)

    def heading(self, text: str) -> None:
        """Begins a chapter: one line that says what to look for."""
        self._console.print()
        self._print(Text(text, style="bold"))

    def say(self, text: str) -> None:
        """A line of explanation."""
        self._print(Text(text))

    def show(self, renderable: RenderableType) -> None:
        """A table, or whatever else the console can draw."""
        self._console.print(renderable)

    def step(self, prompt: str, text: str) -> None:
        """Shows something that happens, after its prompt."""
        self._console.print()
        self._print(Text.assemble((f"{prompt} ", "dim"), (text, "cyan")))

    def run(self, *command: str, expected: int = 0) -> None:
        """Runs a command in the demo's repository. Raises DemoFailed where its exit status isn't
        the expected one, or where it takes minutes."""
        text = shlex.join(command)
        self.step("$", text)
        status = self._status(command, text)
        if status:
            self._print(Text(f"(exit status {status})", style="dim"))
        if status != expected:
            raise DemoFailed(f"'{text}' ended with exit status {status}, not {expected}")

    def _status(self, command: Sequence[str], text: str) -> int:
        try:
            return subprocess.run(
                list(command),
                cwd=self._folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                timeout=_TIMEOUT_SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            raise DemoFailed(f"'{text}' did not end within {_TIMEOUT_SECONDS} s") from None
        except OSError as error:
            raise DemoFailed(f"'{text}' can't be started: {error.strerror}") from None

    def _print(self, text: Text) -> None:
        # Long lines are the terminal's to wrap: a pasted command must stay one line.
        self._console.print(text, soft_wrap=True)
