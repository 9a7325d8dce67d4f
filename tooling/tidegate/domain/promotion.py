"""What a promotion is going to do, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from tidegate.domain.app import Delivery
from tidegate.domain.evidence import Candidate
from tidegate.domain.gate import Verdict
from tidegate.domain.release import Release
from tidegate.errors import TidegateError


@dataclass(frozen=True, slots=True)
class Request:
    """What the user asked for. Apps are named, or chosen: all of them, or by a label. `versions`
    has those of single apps, which count more than the `version` of all. `delivery` is None where
    the environment's own is meant; `batch` names one pull request for all."""

    target: str
    apps: tuple[str, ...] = ()
    selector: tuple[str, str] | None = None
    version: str | None = None
    alias: str | None = None
    keep_going: bool = False
    reason: str | None = None
    requested_by: str | None = None
    versions: Mapping[str, str] = field(default_factory=dict)
    delivery: Delivery | None = None
    batch: str | None = None

    def version_of(self, app: str) -> str | None:
        """The version that was asked for of an app; None where the environment decides."""
        return self.versions.get(app, self.version)

    @property
    def named(self) -> bool:
        """Whether the user named the apps: then each of them must have something to promote."""
        return bool(self.apps)


class Outcome(StrEnum):
    """How it ended, for one app or for all."""

    PROMOTED = "promoted"
    PLANNED = "planned"  # a dry run would promote
    PASSED = "passed"  # an evaluation found nothing against it
    ALREADY = "already"  # the environment has this very version and digest
    NOTHING = "nothing"  # the environment before has no release to promote
    HELD_BACK = "held_back"  # passed, but another app of the same commit did not
    BLOCKED = "blocked"
    CONFLICT = "conflict"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Promotion:
    """One app's step to a new release, judged and ready. `edits` maps paths to new contents."""

    app: str
    environment: str
    candidate: Candidate
    champion: Release | None
    verdict: Verdict
    release: Release
    evidence_digest: str
    edits: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Plan:
    """One commit: what it says, and what it changes."""

    promotions: tuple[Promotion, ...]
    message: str

    @property
    def edits(self) -> dict[str, bytes]:
        """All promotions' edits together."""
        return {path: data for p in self.promotions for path, data in p.edits.items()}


@dataclass(frozen=True, slots=True)
class AppReport:
    """How it ended for one app. `champion` is what ran there before."""

    app: str
    outcome: Outcome
    candidate: Candidate | None = None
    champion: Release | None = None
    verdict: Verdict | None = None
    error: TidegateError | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """A commit that the remote has taken."""

    revision: str
    remote: str
    branch: str


@dataclass(frozen=True, slots=True)
class PromotionReport:
    """How a whole command ended. `base` is the revision that it was judged on; `plan` and `diff`
    are there where there was something to commit, `error` where what passed was not taken."""

    environment: str
    base: str
    apps: tuple[AppReport, ...]
    receipt: Receipt | None = None
    plan: Plan | None = None
    diff: str = ""
    keep_going: bool = False
    error: TidegateError | None = None

    @property
    def outcome(self) -> Outcome:
        """The whole command's: an error, or the worst of its apps'."""
        if self.error:
            return Outcome.ERROR
        found = {report.outcome for report in self.apps}
        order = (Outcome.ERROR, Outcome.CONFLICT, Outcome.BLOCKED, Outcome.HELD_BACK)
        happy = (Outcome.PROMOTED, Outcome.PLANNED, Outcome.PASSED, Outcome.ALREADY)
        return next((o for o in (*order, *happy) if o in found), Outcome.NOTHING)

    @property
    def exit_code(self) -> int:
        """0 done, 1 blocked, 2 to 4 where the command or an app met an error (the first one's).

        With `--keep-going` whatever is left out is 1, unless every single app met an error.
        """
        if self.error:
            return self.error.exit_code
        if self.outcome in (Outcome.BLOCKED, Outcome.HELD_BACK):
            return 1
        if self.outcome in (Outcome.ERROR, Outcome.CONFLICT):
            if self.keep_going and any(r.outcome is not Outcome.ERROR for r in self.apps):
                return 1
            errors = [report.error for report in self.apps if report.error is not None]
            return errors[0].exit_code if errors else 70
        return 0
