"""Files of several YAML documents, and where the lines of an expression stand in them."""

from __future__ import annotations

import itertools
import re

from tidegate.domain.admission import Expression
from tidegate.domain.location import Location
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.yaml import Document, KeyPath, decode, key_text, read

DOCUMENT_LIMIT = 100

# Such a line ends the document before it, even within quotes or a block.
_MARKER = re.compile(r"^---(?=\s|$)", re.MULTILINE)


def documents(file: str, data: bytes) -> tuple[list[Document], list[Problem]]:
    """Every document that isn't empty, with its places in the whole file, and what is wrong."""
    text = decode(file, data).removeprefix("\ufeff")
    starts = [0, *(match.start() for match in _MARKER.finditer(text)), len(text)]
    if len(starts) > DOCUMENT_LIMIT + 2:
        message = f"has more than {DOCUMENT_LIMIT} YAML documents"
        raise ConfigurationError([Problem.whole(file, message)])
    found: list[Document] = []
    problems: list[Problem] = []
    line = 0
    for start, end in itertools.pairwise(starts):
        chunk = text[start:end]
        try:
            document, wrong = read(file, ("\n" * line + chunk).encode("utf-8"))
        except ConfigurationError as error:
            problems.extend(error.problems)
        else:
            problems.extend(wrong)
            if document.data is not None:
                found.append(document)
        line += chunk.count("\n")
    return found, problems


class Source:
    """A file's lines, for the places of the expressions in it."""

    def __init__(self, data: bytes) -> None:
        self._lines = data.decode("utf-8").removeprefix("\ufeff").split("\n")

    def expression(self, document: Document, path: KeyPath, value: str) -> Expression:
        """The expression under a key, in whichever of YAML's styles it is written."""
        key = document.place(path)
        return Expression(value, key_text(path), key, tuple(self._find(key, value)))

    def _find(self, key: Location, value: str) -> list[tuple[int, Location]]:
        """Each line of the value: where it begins in the text, and in the file. Nothing where a
        line isn't there as it is written."""
        found: list[tuple[int, Location]] = []
        cursor, column = 0, key.column - 1
        for number in range(key.line - 1, len(self._lines)):
            line = self._lines[number]
            if number == key.line - 1:
                column = line.find(": ", column) + 1 or len(line)
            part = line[column:].lstrip()
            column += len(line[column:]) - len(part)
            match = _match(part.rstrip(), value, cursor)
            if match:
                quote, offset, cursor = match
                found.append((offset, Location(key.file, number + 1, column + quote + 1)))
            if not value[cursor:].strip():
                return found
            if part.strip() and not match and number > key.line - 1:
                break
            column = 0
        return []


def _match(part: str, value: str, cursor: int) -> tuple[int, int, int] | None:
    """How a line of the file goes on with a value from a position: the width of the quote before
    it, where it begins in the value, and where it ends."""
    blank = len(value[cursor:]) - len(value[cursor:].lstrip())
    start = cursor + blank
    for quote in (0, 1) if part[:1] in ("'", '"') else (0,):
        text = part[quote:]
        # All that is left, whatever comes after it: a comment, a bracket, a quote.
        if value[start:].rstrip() and text.startswith(value[start:].rstrip()):
            return quote, start, len(value)
        if text and value.startswith(text, start):
            return quote, start, start + len(text)
    return None
