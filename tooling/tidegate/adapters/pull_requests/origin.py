"""Which of several pull requests brought a commit to its base."""

from __future__ import annotations

from collections.abc import Iterable

from tidegate.domain.pull_request import PullRequest, PullRequestState


def merged_with(revision: str, found: Iterable[PullRequest]) -> PullRequest | None:
    """Of those that were merged the one that left this very commit, or else the first."""
    merged = [item for item in found if item.state is PullRequestState.MERGED]
    merged.sort(key=lambda item: item.merge_revision != revision)
    return next(iter(merged), None)
