"""What GitLab does with texts that others take as they are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidegate.errors import InputError

# A line that begins so is a command to GitLab, done in the name of whoever wrote it.
_COMMAND = re.compile(r"^([ \t]*)/(?=\w)", re.MULTILINE)
_HARMLESS = re.compile(r"^([ \t]*)&#47;(?=\w)", re.MULTILINE)
_DRAFT = re.compile(r"\s*(?:draft:|\[draft\]|\(draft\))\s*", re.IGNORECASE)


def harmless(text: str) -> str:
    """The text without quick actions: `/merge` at a line's beginning is shown, and not done."""
    return _COMMAND.sub(r"\1&#47;", text)


def as_written(text: str) -> str:
    """What `harmless` made it of."""
    return _HARMLESS.sub(r"\1/", text)


def titled(title: str, draft: bool) -> str:
    """GitLab knows a draft by its title alone."""
    return f"Draft: {bare(title)}" if draft else bare(title)


def bare(title: str) -> str:
    """A title that makes no draft."""
    while match := _DRAFT.match(title):
        title = title[match.end() :]
    return title


def joined(labels: Sequence[str]) -> str:
    """All of them in one text. Raises InputError for one that GitLab would take for two."""
    for label in labels:
        if "," in label:
            raise InputError(f"GitLab takes no label with a comma: {label!r}")
    return ",".join(labels)
