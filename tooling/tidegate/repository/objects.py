"""One document of kustomize's output → plain Python values: line by line, or by the parser."""

from __future__ import annotations

from typing import Any

from tidegate.repository.plain_lines import read_lines

REPEATED = "stands there twice"
MISTAGGED = "isn't what its tag"


class Unreadable(Exception):
    """Output that isn't a list of objects; the message says why, and `line` on which of its lines,
    from 1."""

    def __init__(self, reason: str, line: int = 1) -> None:
        super().__init__(reason)
        self.line = line


def read_object(document: str) -> dict[str, Any]:
    """The object that a document holds. Raises Unreadable."""
    simple = read_lines(document)
    if simple is not None:
        return simple
    from tidegate.repository.object_events import parse_object  # most documents need no parser

    return parse_object(document)
