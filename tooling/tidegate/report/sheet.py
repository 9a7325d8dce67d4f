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
    """A table as long as every column but the last fits beside it whole; else as many columns as
    fit, with what is left of each row below it; else a paragraph a row.

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
        """Whichever of these forms the width allows."""
        rows = [self._titles, *self._rows] if any(self._titles) else self._rows
        *widths, last = [max(map(_width, column)) for column in zip(*rows, strict=True)]
        left = options.max_width - sum(width + _GAP for width in widths)
        if left >= min(last, _LEAST):
            yield _table(self._without_repeats(rows), [*widths, min(left, last)])
            return
        beside = _fitting(widths, options.max_width)
        for row in rows:
            yield from _stacked(row, beside, options.max_width)

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


def _fitting(widths: Sequence[int], room: int) -> Sequence[int]:
    """The first columns that fit beside each other; none where that is the first alone."""
    taken = 0
    for number, width in enumerate(widths):
        taken += width
        if taken > room:
            return widths[:number] if number > 1 else ()
        taken += _GAP
    return widths


def _stacked(row: Sequence[Text], beside: Sequence[int], width: int) -> Iterator[RenderableType]:
    """The row's first cells in their columns, and the others below; without columns all cells, the
    first line standing out."""
    if beside:
        line = Text()
        for cell, column in zip(row, beside, strict=False):
            line = Text.assemble(line, cell, " " * (column - _width(cell) + _GAP))
        line.rstrip()
        yield line
    yield from _paragraph(row[len(beside) :], width, hanging=not beside)


def _paragraph(cells: Sequence[Text], width: int, *, hanging: bool) -> Iterator[RenderableType]:
    """The cells, as many on a line as fit it whole; indented, but the first line of one that is
    `hanging`."""
    lines: list[Text] = []
    for cell in cells:
        if not cell:
            continue
        room = width - (_INDENT if len(lines) > hanging else 0)
        begins = Text(cell.plain.split("\n", 1)[0]).cell_len
        if lines and "\n" not in lines[-1].plain and lines[-1].cell_len + _GAP + begins <= room:
            lines[-1] = Text.assemble(lines[-1], " " * _GAP, cell)
        else:
            lines.append(cell)
    for number, line in enumerate(lines):
        first = hanging and number == 0
        yield line if first else Padding(line, (0, 0, 0, _INDENT))


def _width(cell: Text) -> int:
    return max((Text(line).cell_len for line in cell.plain.split("\n")), default=0)
