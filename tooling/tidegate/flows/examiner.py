"""What policy says of overlays before and after a promotion, as evidence for its gate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.domain.configuration import Configuration
from tidegate.domain.evidence import PolicyEvidence
from tidegate.domain.examined import Examined
from tidegate.domain.manifest import Broken
from tidegate.domain.rulebook import Rulebook
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.unavailable import Unavailable
from tidegate.flows.examine import prepare
from tidegate.flows.known import recall, remember
from tidegate.flows.rulebook import read_rulebook
from tidegate.flows.subjects import make_subjects
from tidegate.ports import Checking
from tidegate.repository.closure import Closures
from tidegate.repository.edits import lay_over
from tidegate.repository.known import Known
from tidegate.repository.targets import Target

Results = Mapping[str, Examined | Broken]


class PolicyExaminer:
    """An Examiner (see `ports.Examiner`) by the same parts as `check`."""

    def __init__(self, parts: Checking) -> None:
        self._parts = parts

    def examine(
        self,
        snapshot: Snapshot,
        configuration: Configuration,
        edits: Mapping[str, bytes],
        overlays: Sequence[str],
    ) -> Mapping[str, PolicyEvidence | Unavailable]:
        """Each overlay's violations on both sides; Unavailable where one can't be looked at."""
        targets = [_target(overlay) for overlay in overlays]
        # A promotion edits overlays and releases, never the policies: one rulebook for both.
        rulebook = read_rulebook(snapshot, self._parts.fingerprint)
        cache, place = self._parts.cache, self._parts.work_tree.place
        known = recall(cache, place)
        before = self._look(snapshot, configuration, targets, rulebook, known)
        edited = lay_over(snapshot, edits)
        # Its release will be written once it is judged: the one that is there is of before.
        after = self._look(edited, configuration, targets, rulebook, known, released=False)
        remember(cache, place, known)
        return {overlay: _evidence(before[overlay], after[overlay]) for overlay in overlays}

    def _look(
        self,
        snapshot: Snapshot,
        configuration: Configuration,
        targets: Sequence[Target],
        rulebook: Rulebook,
        known: Known,
        *,
        released: bool = True,
    ) -> Results:
        subjects = make_subjects(
            snapshot, configuration, targets, rulebook, kubernetes=None, released=released
        )
        closures = Closures(snapshot, known)
        examination = prepare(snapshot, closures, rulebook, subjects.values(), self._parts)
        return {found.overlay: found for found in examination.examine(list(subjects.values()))}


def _target(overlay: str) -> Target:
    _, environment, app = overlay.split("/")
    return Target(overlay, environment=environment, app=app)


def _evidence(before: Examined | Broken, after: Examined | Broken) -> PolicyEvidence | Unavailable:
    if isinstance(before, Broken):
        return _unavailable(before)
    if isinstance(after, Broken):
        return _unavailable(after)
    return PolicyEvidence(before.inspection.violations, after.inspection.violations)


def _unavailable(broken: Broken) -> Unavailable:
    return Unavailable("; ".join(str(problem) for problem in broken.problems))
