"""A place in a file."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.errors import Problem


@dataclass(frozen=True, slots=True, order=True)
class Location:
    """A place in a file; line and column count from 1."""

    file: str
    line: int = 0
    column: int = 0

    def problem(
        self, key: str, message: str, expected: str | None = None, nearest: str | None = None
    ) -> Problem:
        """A Problem at this place."""
        return Problem(self.file, self.line, self.column, key, message, expected, nearest)

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file
