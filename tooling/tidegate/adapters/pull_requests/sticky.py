"""Which of many comments is the one that is kept up to date."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.domain.pull_request import Comment, User


def ours(comments: Iterable[Comment], account: User, marker: str) -> tuple[Comment, ...]:
    """Those that we wrote and that begin with the marker, oldest first. Anybody can write the
    marker; nobody can write as us."""
    found = [c for c in comments if c.author.key == account.key and c.body.startswith(marker)]
    return tuple(sorted(found, key=lambda comment: comment.id))


def marked(marker: str, body: str) -> str:
    """The whole text of such a comment."""
    return f"{marker}\n{body}"
