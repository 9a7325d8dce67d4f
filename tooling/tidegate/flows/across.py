"""What only several overlays together show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from tidegate.domain.examined import Examined
from tidegate.domain.finding import Finding, Violation
from tidegate.domain.manifest import Broken
from tidegate.flows.problem_findings import RENDER, find_problem
from tidegate.policy.outline import RULE_NAMES, comparable
from tidegate.policy.schemas.rules import SCHEMA_RULES

if TYPE_CHECKING:
    from tidegate.domain.app import Environment
    from tidegate.domain.rulebook import Rulebook
    from tidegate.flows.examine import Examination, Subject


def rule_names(rulebook: Rulebook) -> tuple[str, ...]:
    """The names of all rules that are asked."""
    policies = (policy.name for policy in rulebook.admission.policies)
    return (*RULE_NAMES, *SCHEMA_RULES, *policies)


def find_across(
    results: Mapping[str, Examined | Broken],
    subjects: Mapping[str, Subject],
    environments: Mapping[str, Environment],
    examination: Examination,
) -> Iterator[Finding]:
    """What only several overlays together show."""
    facts = {
        overlay: found.inspection.facts
        for overlay, found in results.items()
        if isinstance(found, Examined)
    }
    if not comparable(facts):
        return
    from tidegate.policy.rules import judge_overlays

    by_overlay: dict[str, list[Violation]] = {}
    for overlay, violation in judge_overlays(facts, environments):
        by_overlay.setdefault(overlay, []).append(violation)
    for overlay, violations in by_overlay.items():
        subject = subjects[overlay]
        target = subject.target
        manifests = examination.manifests(subject)
        if isinstance(manifests, Broken):
            yield from (find_problem(RENDER, problem, target) for problem in manifests.problems)
            manifests = ()
        places = examination.place(overlay, violations, manifests)
        for violation, place in zip(violations, places, strict=True):
            yield target.finding(violation, place)
