"""Workflow commands: annotations on the lines of a pull request, and lines of the log.

Nothing from outside can start a command: every line begins with our own words, and has no line
break and no old-style `##[` in it.
"""

from __future__ import annotations

from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line

# GitHub shows so many annotations of each kind for a step, and drops the others in silence.
SHOWN = 10


def annotation(
    command: str, text: str, *, title: str, file: str | None = None, line: int = 0, column: int = 0
) -> str:
    """`error`, `warning` or `notice`, at a file's line where there is one."""
    properties = {"file": one_line(file)} if file else {}
    if file and line:
        properties["line"] = str(line)
        if column:
            properties["col"] = str(column)
    properties["title"] = one_line(title, 100)
    told = ",".join(f"{name}={_property(value)}" for name, value in properties.items())
    return f"::{command} {told}::{_data(text)}"


def plain(text: str) -> str:
    """A line of the log that is no command."""
    return _disarm(one_line(redact(text), 4_000))


def _data(text: str) -> str:
    """A command's message."""
    escaped = redact(text).replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")
    return _disarm(escaped)


def _property(text: str) -> str:
    """A command's property."""
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _disarm(text: str) -> str:
    """The runner knows an older form of commands too, wherever it stands in a line."""
    return text.replace("##[", "## [")
