"""Text that is shown as it is."""

from __future__ import annotations

from rich.console import Console, ConsoleOptions, RenderResult
from rich.segment import Segment
from rich.style import Style

from tidegate.domain.text import printable

_DIFF_STYLE = {"+": "green", "-": "red", "@": "cyan"}


class Verbatim:
    """Lines to be copied, indented: never wrapped, never cut. Rich's own layout would do both, and
    take seconds for the diff of a thousand apps."""

    def __init__(self, text: str, style: str = "", *, diff: bool = False) -> None:
        self._lines = text.rstrip("\n").split("\n")
        self._style = style
        self._diff = diff

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The lines as they are, coloured, and nothing hidden in them."""
        styles = {mark: Style.parse(name) for mark, name in _DIFF_STYLE.items()}
        plain = Style.parse(self._style)
        for line in self._lines:
            style = styles.get(line[:1], plain) if self._diff else plain
            yield Segment(f"    {printable(line)}", style)
            yield Segment.line()
