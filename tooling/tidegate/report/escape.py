"""Text from outside as Markdown that says just that."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+\-.!|~&$:/=^\"'])")
# A zero-width space takes the meaning from mentions, references and links; nobody sees it.
_MENTION = re.compile(r"(@|#(?=\w))")
_ISSUE = re.compile(r"(?<![A-Za-z0-9])(gh)-(?=\d)", re.IGNORECASE)
_LINK = re.compile(r"(?<![A-Za-z])(https?:|www\.|mailto:|xmpp:|ftp:)", re.IGNORECASE)
_CALL = re.compile(r"(?<![\w`])([@#])(?=\w)")
# What a runner of GitHub's takes for a command, where a report is printed in a job: the older form
# anywhere, the newer one where a line begins.
_OLDER = re.compile(r"#(?=#\[)")
_COMMAND = re.compile(r"#(?=#\[)|^\s*:(?=:)")
_GAP = "\u200b"


def prose(text: str) -> str:
    """Text from outside that renders as itself: no markup, mention, reference, link or cell.

    Secrets are masked before, for escaped they would no longer look like any.
    """
    line = one_line(redact(text))
    line = _MENTION.sub(rf"\1{_GAP}", line)
    line = _ISSUE.sub(rf"\1{_GAP}-", line)
    line = _LINK.sub(lambda match: match[0][0] + _GAP + match[0][1:], line)
    return _SPECIAL.sub(r"\\\1", line)


def code(text: str) -> str:
    """Text from outside in a code span, fit for a table's cell."""
    if "|" in text:  # ends a cell even inside code, and Markdown's readers disagree on its escape
        return prose(text)
    line = one_line(redact(text))
    line = _OLDER.sub(rf"#{_GAP}", line)
    longest = max((len(run) for run in re.findall("`+", line)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if longest else ""
    return f"{fence}{pad}{line}{pad}{fence}" if line else ""


def block(lines: Sequence[str], language: str) -> str:
    """Lines from outside as a code block, whose end none of them can be; blanks that they begin
    with stay."""
    shown = [" " * (len(line) - len(line.lstrip(" "))) + one_line(redact(line)) for line in lines]
    shown = [_COMMAND.sub(rf"\g<0>{_GAP}", _CALL.sub(rf"\1{_GAP}", line)) for line in shown]
    longest = max((len(run) for line in shown for run in re.findall("`+", line)), default=0)
    fence = "`" * max(3, longest + 1)
    return "\n".join([f"{fence}{language}", *shown, fence])
