"""Files of several YAML documents, and where the lines of an expression stand in them."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

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
        raise ConfigurationError([Problem(file, 0, 0, "", message)])
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
        lines = tuple(self._find(key, value)) or ((0, key),)
        return Expression(value, key_text(path), lines)

    def _find(self, key: Location, value: str) -> Iterator[tuple[int, Location]]:
        """Each line of the value: where it begins in the text, and in the file. Lines that YAML's
        escapes have changed, and all after them, are not found."""
        cursor, column = 0, key.column - 1
        for number in range(key.line - 1, len(self._lines)):
            line = self._lines[number]
            if number == key.line - 1:
                column = line.find(": ", column) + 1 or len(line)
            part = line[column:].strip()
            column += len(line[column:]) - len(line[column:].lstrip())
            for quote, text in _readings(part):
                offset = value.find(text, cursor)
                if offset >= 0 and not value[cursor:offset].strip():
                    yield offset, Location(key.file, number + 1, column + quote + 1)
                    cursor = offset + len(text)
                    break
            column = 0
            if not value[cursor:].strip():
                return


def _readings(part: str) -> Iterator[tuple[int, str]]:
    """What a line of the file may contribute to a value: itself, or what is between quotes; with
    the width of the quote before it."""
    if part:
        yield 0, part
    quote = 1 if part[:1] in ("'", '"') else 0
    if quote or part[-1:] in ("'", '"'):
        yield quote, part[quote:]
        yield quote, part[quote:-1]
