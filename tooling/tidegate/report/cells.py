"""Cells of tables that several reports share."""

from __future__ import annotations

from rich.text import Text

from tidegate.domain.image import ImageRef

_DIGEST_SHOWN = 19


def image(item: ImageRef) -> Text:
    """An image's last name, its tag, and the beginning of its digest."""
    text = Text(f"{item.name.rpartition('/')[2]}:{item.tag or ''}")
    if item.digest:
        text.append(f"@{item.digest[:_DIGEST_SHOWN]}", style="dim")
    return text
