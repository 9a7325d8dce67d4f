"""The comment below a pull request that tells how it gets on."""

from __future__ import annotations

import re

from tidegate.domain.progress import OVER, Course, Stage, Step
from tidegate.domain.text import one_line
from tidegate.report.escape import prose
from tidegate.report.words import moment

_ICONS = {
    Stage.PENDING: "⏳",
    Stage.REFUSED: "❌",
    Stage.CLOSED: "➖",
    Stage.OBSTACLE: "⛔",
    Stage.QUEUED: "⏳",
    Stage.SYNCING: "⏳",
    Stage.FAILED: "❌",
    Stage.UNFINISHED: "⚠️",
    Stage.ROLLED_BACK: "↩️",
}
_ROWS, _WORDS = 60, 300
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_PAGE = re.compile(r"https?://[A-Za-z0-9.:-]+/[A-Za-z0-9._~/?#&=%+-]{0,500}")


def write(course: Course) -> str:
    """A table of the stages, in Markdown. Nothing from outside leaves its cell."""
    lines = ["**Progress**", "", "| | stage | | when |", "|---|---|---|---|"]
    lines += [_row(step) for step in course.steps[:_ROWS]]
    if len(course.steps) > _ROWS:
        lines.append(f"| | and {len(course.steps) - _ROWS} more | | |")
    if course.over:
        lines += ["", OVER]
    return "\n".join(lines)


def _row(step: Step) -> str:
    when = f"{moment(step.at)} UTC" if step.at else ""
    icon = _ICONS.get(step.stage, "✅")
    return f"| {icon} | {step.stage.value} | {_words(step)} | {when} |"


def _words(step: Step) -> str:
    words = prose(one_line(step.words, _WORDS))
    if words and _PAGE.fullmatch(step.url):
        words = f"[{words}](<{step.url}>)"
    # A whole commit id becomes a link by itself, at GitHub and at GitLab.
    commit = step.revision if step.revision and _COMMIT.fullmatch(step.revision) else ""
    return " ".join(part for part in (words, commit) if part)
