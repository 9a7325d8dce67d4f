"""What became of what goes by pull request."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.draft import Draft
from tidegate.domain.promotion import Outcome, PromotionReport
from tidegate.domain.pull_request import PullRequest, PullRequestChange
from tidegate.errors import TidegateError


class Action(StrEnum):
    """What a run did to a pull request."""

    OPENED = "opened"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    MARKED = "marked"  # it can't be merged now, and says so
    CLOSED = "closed"  # what it wants is there already
    PLANNED = "planned"  # a dry run would open or update it
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Proposed:
    """What became of one branch and its pull request. `draft`, `diff`, `title` and `body` are there
    where something is proposed; `last` is what is still to be changed of it once people have been
    told, so that the next run finds it undone where they weren't; `note` is one sentence more."""

    apps: tuple[str, ...]
    branch: str
    action: Action
    pull_request: PullRequest | None = None
    draft: Draft | None = None
    diff: str = ""
    title: str = ""
    body: str = ""
    last: PullRequestChange | None = None
    note: str = ""
    error: TidegateError | None = None


@dataclass(frozen=True, slots=True)
class ProposalReport:
    """How `promote` ended where it goes by pull request: the verdicts, and what came of them."""

    promotion: PromotionReport
    proposals: tuple[Proposed, ...]

    @property
    def error(self) -> TidegateError | None:
        """The first that a pull request met."""
        return next((item.error for item in self.proposals if item.error), None)

    @property
    def exit_code(self) -> int:
        """That of the verdicts, unless a pull request met an error."""
        if self.error and self.promotion.outcome is not Outcome.ERROR:
            return self.error.exit_code
        return self.promotion.exit_code
