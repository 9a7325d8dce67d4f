"""Commit messages: a subject, a list where there are many steps, and trailers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from tidegate.domain.text import one_line, quiet

PROMOTION, ROLLBACK = "Tidegate-Promotion", "Tidegate-Rollback"
HOLD, LIFT = "Tidegate-Hold", "Tidegate-Lift"
DIRECT = "Tidegate-Direct"
REASON, REQUESTED_BY = "Reason", "Requested-by"
APPROVED_BY, REVIEWED_BY, PULL_REQUEST = "Approved-by", "Reviewed-by", "Pull-request"
_LISTED = 20
_WORDS = (f"{REQUESTED_BY}: ", f"{REASON}: ")
_AGREEMENTS = tuple(f"{key}: " for key in (APPROVED_BY, REVIEWED_BY, PULL_REQUEST))
_CLAIMS = tuple(f"{key}: " for key in (PROMOTION, ROLLBACK, HOLD, LIFT, DIRECT))


def is_claim(line: str) -> bool:
    """Whether a line of a message tells of a deed of Tidegate's, true or not."""
    return line.startswith(_CLAIMS)


def is_agreement(line: str) -> bool:
    """Whether a line of a message says who agreed, or where: what a merge adds."""
    return line.startswith(_AGREEMENTS)


def is_word(line: str) -> bool:
    """Whether a line of a message says who asked for it, or why."""
    return line.startswith(_WORDS)


def is_trailer(line: str) -> bool:
    """Whether a line of a message is of a kind that Tidegate ends its own with."""
    return is_claim(line) or is_word(line)


def compose(title: str, steps: Sequence[str], trailers: Iterable[str]) -> str:
    """`title: step`, or `title: N apps` with a list of them, above the trailers."""
    subject, body = f"{title}: {steps[0]}", ""
    if len(steps) > 1:
        subject = f"{title}: {len(steps)} apps"
        listed = list(steps[:_LISTED])
        if len(steps) > _LISTED:
            listed.append(f"and {len(steps) - _LISTED} more, in the trailers below")
        body = "\n".join(f"- {line}" for line in listed) + "\n\n"
    return f"{subject}\n\n{body}" + "".join(f"{line}\n" for line in trailers)


def human_trailers(requested_by: str | None, reason: str | None) -> list[str]:
    """Who asked for it, and why: whatever the text is, one line each, which calls nobody."""
    pairs = ((REQUESTED_BY, requested_by), (REASON, reason))
    return [f"{key}: {quiet(words)}" for key, text in pairs if (words := one_line(text or ""))]


def direct_trailers(environment: str, *, direct: bool) -> list[str]:
    """That it went by commit where pull requests are usual."""
    return [f"{DIRECT}: {environment}"] if direct else []
