"""A bearer token: from a variable, a file or a command, asked for again when refused."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from threading import Lock

from tidegate.adapters import process
from tidegate.errors import InputError, OutsideError, ToolFailed

_FORM = re.compile(r"[\x21-\x7e]{1,16384}")
_COMMAND_SECONDS = 30.0
_SIZE_LIMIT = 2**16

Source = Callable[[], str]


class Token:
    """Safe for several threads at once. Never part of a message: not even its repr tells it."""

    def __init__(self, source: Source, where: str) -> None:
        """`where` says, for people, what `source` asks."""
        self.where = where
        self._source = source
        self._known: str | None = None
        self._lock = Lock()

    def current(self) -> str:
        """What was last asked for. Raises OutsideError where there is no token to be had."""
        with self._lock:
            if self._known is None:
                self._known = self._ask()
            return self._known

    def renewed(self, refused: str) -> str | None:
        """Another token than the one that was refused; None where there is none."""
        with self._lock:
            if self._known in (None, refused):
                self._known = self._ask()
            return self._known if self._known != refused else None

    def _ask(self) -> str:
        found = self._source().strip()
        if not _FORM.fullmatch(found):
            raise OutsideError(f"{self.where} holds no token")
        return found


def from_text(value: str, where: str) -> Token:
    """A token that stays the same."""
    return Token(lambda: value, where)


def from_file(path: Path, where: str) -> Token:
    """A token in a file, which may be replaced meanwhile."""

    def read() -> str:
        try:
            with path.open("rb") as file:
                return file.read(_SIZE_LIMIT).decode("ascii", "replace")
        except OSError as error:
            raise OutsideError(f"{where} can't be read: {error.strerror}") from None

    return Token(read, where)


def from_command(command: Sequence[str], env: Mapping[str, str], where: str) -> Token:
    """A token that a program prints. Nothing that it prints is ever shown, be it in an error."""

    def run() -> str:
        try:
            done = process.run(command, timeout=_COMMAND_SECONDS, env=env)
        except ToolFailed:
            raise OutsideError(
                f"the command in {where} failed",
                hint="run it by hand to see why: what it says may be secret, so it isn't shown",
            ) from None
        return done.stdout[:_SIZE_LIMIT].decode("ascii", "replace")

    return Token(run, f"the output of the command in {where}")


def arguments(text: str, where: str) -> Sequence[str]:
    """A command as JSON has it. Raises InputError, which calls it `where`."""
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    if not isinstance(found, list) or not found or not all(isinstance(w, str) for w in found):
        raise InputError(
            f"{where} is no list of words", hint='write it as JSON: ["vault-token", "tidegate"]'
        )
    return found
