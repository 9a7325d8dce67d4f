"""Markdown as a page, read by CommonMark with GitHub's tables."""

from __future__ import annotations

from html.parser import HTMLParser

from markdown_it import MarkdownIt

READER = MarkdownIt("commonmark", {"html": True}).enable("table").enable("strikethrough")


class Page(HTMLParser):
    """What a browser makes of it: the elements, and the text of each table cell."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[str] = []
        self.rows: list[list[str]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [name for name, _ in attrs]
        if tag == "tr":
            self.rows.append([])
        elif tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_data(self, data: str) -> None:
        self.text += data
        if self.rows and self.rows[-1]:
            self.rows[-1][-1] += data

    def handle_comment(self, data: str) -> None:
        self.tags.append("comment")


def read(text: str) -> Page:
    """The page that it makes."""
    return Page(READER.render(text))
