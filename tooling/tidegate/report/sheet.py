"""Rows of cells, laid out for the terminal that there is: no word is broken that fits a line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

_GAP = 2
_INDENT = 4
# The last column holds whole sentences, and wraps; in less than this they can't be read.
_LEAST = 24


class Sheet:
    """A table as long as every column but the last fits beside it whole, else a paragraph a row.

    `titles` is empty for a table without a head. With `grouped`, a first cell that says the same
    as the one above it is left out of the table.
    """

    def __init__(self, *titles: str, grouped: bool = False) -> None:
        self._titles = [Text(title, style="bold") for title in titles]
        self._grouped = grouped
        self._rows: list[list[Text]] = []

    def add(self, *cells: Text | str) -> None:
        """One more row, of as many cells as the others."""
        self._rows.append([Text(cell) if isinstance(cell, str) else cell for cell in cells])

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Whichever of the two forms the width allows."""
        rows = [self._titles, *self._rows] if any(self._titles) else self._rows
        *widths, last = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        left = options.max_width - sum(width + _GAP for width in widths)
        if left < min(last, _LEAST):
            for row in rows:
                yield from _paragraph(row, options.max_width)
        else:
            yield _table(self._without_repeats(rows), [*widths, min(left, last)])

    def _without_repeats(self, rows: Sequence[list[Text]]) -> Iterator[list[Text]]:
        above = ""
        for row in rows:
            first = row[0].plain
            yield [Text(), *row[1:]] if self._grouped and first == above else row
            above = first


def _table(rows: Iterator[list[Text]], widths: Sequence[int]) -> Table:
    table = Table(box=None, show_header=False, padding=(0, _GAP, 0, 0), pad_edge=False)
    for width in widths:
        table.add_column(width=width, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _paragraph(row: Sequence[Text], width: int) -> Iterator[RenderableType]:
    """The row's cells, as many on a line as fit it whole; the first line stands out."""
    lines: list[Text] = []
    for cell in row:
        if not cell:
            continue
        room = width - (_INDENT if len(lines) > 1 else 0)
        if lines and "\n" not in cell.plain and _width(lines[-1]) + _GAP + _width(cell) <= room:
            lines[-1] = Text.assemble(lines[-1], " " * _GAP, cell)
        else:
            lines.append(cell)
    for number, line in enumerate(lines):
        yield Padding(line, (0, 0, 0, _INDENT)) if number else line


def _width(cell: Text) -> int:
    return max((Text(line).cell_len for line in cell.plain.split("\n")), default=0)
