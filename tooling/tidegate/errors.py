"""Every exception that Tidegate raises on purpose.

    TidegateError
    ├── InputError            exit 2   the command or the configuration is wrong
    │   └── ConfigurationError         one or more files are; carries every Problem
    ├── OutsideError          exit 3   something that we depend on failed
    │   ├── NotFound                   it answered: there is no such thing
    │   ├── Forbidden                  it answered: that is not allowed to us
    │   ├── Rejected                   it answered: what was asked for can't be done
    │   ├── Unreachable                it did not answer, or not in time
    │   │   └── RateLimited            it will again, at a moment that it names
    │   ├── ToolMissing                a binary is not on PATH
    │   └── ToolFailed                 a binary ran and failed; carries its output
    └── ConflictError         exit 4   somebody else changed what we were changing

A gate that refuses is a value (`domain.gate.GateResult`), never an exception.
`cli.main` is the one place where these become exit codes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from datetime import datetime


class TidegateError(Exception):
    """The root. `hint` says in one sentence what the user can do about it."""

    exit_code = 70

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class InputError(TidegateError):
    """The command line or the configuration asks for something impossible."""

    exit_code = 2


# A named tuple, for dataclasses are slow to import and every `--help` imports this.
class Problem(NamedTuple):
    """One mistake in one file: where it is, what is wrong, what was expected instead.

    `line` and `column` count from 1; 0 means that the place is not known.
    `key` is a path such as `gates[0].metric`.
    """

    file: str
    line: int
    column: int
    key: str
    message: str
    expected: str | None = None
    nearest: str | None = None

    @classmethod
    def whole(cls, file: str, message: str, expected: str | None = None) -> Problem:
        """A mistake of a file as a whole, or of its not being there."""
        return cls(file, 0, 0, "", message, expected)

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        text = f"{place}: {self.key}: {self.message}" if self.key else f"{place}: {self.message}"
        if self.expected:
            text += f"; expected {self.expected}"
        if self.nearest:
            text += f"; did you mean '{self.nearest}'?"
        return text


_SHOWN_PROBLEMS = 200


class ConfigurationError(InputError):
    """Files that decide are wrong; `problems` has all of them, of all files."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        ordered = tuple(sorted(set(problems), key=lambda p: (*p[:5], p[5] or "", p[6] or "")))
        shown = [str(problem) for problem in ordered[:_SHOWN_PROBLEMS]]
        if len(ordered) > len(shown):
            shown.append(f"and {len(ordered) - len(shown)} more")
        super().__init__("\n".join(shown))
        self.problems = ordered


class OutsideError(TidegateError):
    """A registry, a remote, a tool or a disk did not do its part."""

    exit_code = 3


class NotFound(OutsideError):
    """It answered that there is no such thing."""


class Forbidden(OutsideError):
    """It answered that we may not."""


class Rejected(OutsideError):
    """It answered that it won't, in words of its own, which the message has."""


class Unreachable(OutsideError):
    """It did not answer, or not in time."""


class RateLimited(Unreachable):
    """It answers nobody who asks that often. `until` is when it will again, where it says so."""

    def __init__(
        self, message: str, *, until: datetime | None = None, hint: str | None = None
    ) -> None:
        super().__init__(message, hint=hint)
        self.until = until


class ToolMissing(OutsideError):
    """A binary is not on PATH; the hint says how to get it."""


class ToolFailed(OutsideError):
    """A binary ran and failed. `output` is what it printed on standard error."""

    def __init__(self, message: str, *, output: str = "", hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.output = output


class ConflictError(TidegateError):
    """Somebody else changed the thing that this command was about to change."""

    exit_code = 4
