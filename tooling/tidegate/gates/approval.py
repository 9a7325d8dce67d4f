"""Gate `approval`: enough owners of the app said yes to this very commit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.app import Delivery
from tidegate.domain.evidence import Approvals, Evidence, Need
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.pull_request import Review, ReviewState
from tidegate.domain.text import count, one_line
from tidegate.domain.unavailable import Unavailable

_NAMED = 5


@dataclass(frozen=True, slots=True)
class Approval:
    """`count` is how many different owners are enough, at least one."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.APPROVALS})

    key: str
    count: int

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Approval:
        """Settings that fit the schema."""
        return cls(key, settings.get("count", 1))

    def judge(self, evidence: Evidence) -> GateResult:
        """Before there is a pull request it is skipped, and asked again when that is merged; what
        needs none has nobody's yes."""
        found = evidence.approvals
        if found is None and evidence.delivery is Delivery.PULL_REQUEST:
            sentence = "asked when the pull request is merged"
            return GateResult(self.key, Status.SKIPPED, sentence, None, self.count)
        if found is None:
            sentence = "nobody can say yes to a commit: this needs a pull request"
            return GateResult(self.key, Status.FAILED, sentence, 0, self.count)
        return self.judge_reviews(found)

    def judge_reviews(self, found: Approvals | Unavailable) -> GateResult:
        """Counts owners whose last word is a yes to the present head; never the author, nor whoever
        asked for it, nor a bot. An owner who asks for changes stops it."""
        if isinstance(found, Unavailable):
            return GateResult(self.key, Status.ERRORED, found.reason, None, self.count)
        latest = {review.author.key: review for review in found.reviews}
        owners = {k: review for k, review in latest.items() if k in found.owners}
        against = _names(r for r in owners.values() if r.state is ReviewState.CHANGES_REQUESTED)
        if against:
            sentence = f"{', '.join(against[:_NAMED])} asked for changes"
            return GateResult(self.key, Status.FAILED, sentence, 0, self.count)
        yes = [r for r in owners.values() if _counts(r, found)]
        names, stale = _names(yes), _stale(owners.values(), found)
        own = _names(
            r for r in owners.values() if _approves(r) and r.author.key in found.requesters
        )
        wanted = count(self.count, "owner")
        if len(names) >= self.count:
            sentence = f"{', '.join(names[:_NAMED])} approved this commit"
            return GateResult(self.key, Status.PASSED, sentence, len(names), self.count)
        rest = f"; {', '.join(stale[:_NAMED])} approved an earlier one" if stale else ""
        rest += f"; {', '.join(own[:_NAMED])} asked for it" if own else ""
        sentence = f"{len(names)} of {wanted} approved this commit{rest}"
        return GateResult(self.key, Status.FAILED, sentence, len(names), self.count)


def _counts(review: Review, found: Approvals) -> bool:
    return _independent(review, found) and review.revision == found.revision


def _stale(reviews: Any, found: Approvals) -> list[str]:
    return _names(r for r in reviews if _independent(r, found) and r.revision != found.revision)


def _independent(review: Review, found: Approvals) -> bool:
    """A yes of a person who neither opened it nor asked for it."""
    author = review.author
    involved = {found.author.key, *found.requesters}
    return _approves(review) and not author.bot and author.key not in involved


def _approves(review: Review) -> bool:
    return review.state is ReviewState.APPROVED


def _names(reviews: Any) -> list[str]:
    return sorted(one_line(review.author.login, 40) for review in reviews)
