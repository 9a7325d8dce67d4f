"""The mark on a pull request whose opening isn't over; nobody sees it."""

from __future__ import annotations

_MARK = "<!-- tidegate: being opened -->"


def marked(body: str) -> str:
    """The text of one that is being opened."""
    return f"{body}\n\n{_MARK}"


def unmarked(text: str) -> tuple[str, bool]:
    """What the text was without the mark, and whether it has one."""
    body = text.rstrip().removesuffix(_MARK)
    return (body.removesuffix("\n\n"), True) if body != text.rstrip() else (text, False)
