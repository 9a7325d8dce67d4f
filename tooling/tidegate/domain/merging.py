"""A pull request that is to be merged: what was asked, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.app import MergeMethod
from tidegate.domain.gate import GateResult
from tidegate.domain.pull_request import PullRequest
from tidegate.domain.verification import VerifyReport
from tidegate.errors import TidegateError


@dataclass(frozen=True, slots=True)
class MergeRequest:
    """`later` has the provider merge, or queue it, as soon as its own rules are met."""

    number: int
    method: MergeMethod = MergeMethod.SQUASH
    later: bool = False


@dataclass(frozen=True, slots=True)
class Approved:
    """What the gate `approval` says of one app's promotion."""

    environment: str
    app: str
    result: GateResult


@dataclass(frozen=True, slots=True)
class MergeReport:
    """`obstacles` say, each in a sentence, why it can't be merged now, beside what `verification`
    and `approvals` say. `merged` is the commit on the base; `queued` that the provider will merge,
    `already` that it did before. `notes` are remarks."""

    pull_request: PullRequest
    verification: VerifyReport | None = None
    approvals: tuple[Approved, ...] = ()
    obstacles: tuple[str, ...] = ()
    merged: str | None = None
    queued: bool = False
    already: bool = False
    error: TidegateError | None = None
    notes: tuple[str, ...] = ()

    @property
    def ready(self) -> bool:
        """Whether nothing stands in its way."""
        sound = self.verification is None or self.verification.exit_code == 0
        agreed = not any(item.result.status.blocks for item in self.approvals)
        return sound and agreed and not self.obstacles and self.error is None

    @property
    def exit_code(self) -> int:
        """0 merged, or it could be; 1 where something stands in its way; else the error's."""
        if self.error:
            return self.error.exit_code
        if self.verification and self.verification.exit_code > 1 and not self.obstacles:
            return self.verification.exit_code
        return 0 if self.ready else 1
