"""The text of a comment that is kept up to date."""

from __future__ import annotations


def marked(marker: str, body: str) -> str:
    """The whole text of such a comment."""
    return f"{marker}\n{body}"
