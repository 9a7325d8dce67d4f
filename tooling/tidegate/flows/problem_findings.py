"""Problems and violations → Findings, each on its own line."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.domain.examined import Examined
from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.manifest import Broken
from tidegate.errors import Problem
from tidegate.repository import layout
from tidegate.repository.named_faults import OUTSIDE

if TYPE_CHECKING:
    from tidegate.domain.snapshot import Snapshot
    from tidegate.repository.targets import Target

RENDER = "render"


def find_all(
    results: Mapping[str, Examined | Broken],
    targets: Iterable[Target],
    snapshot: Snapshot,
    *,
    flux: bool = False,
) -> Iterator[Finding]:
    """All that is found in the targets: what can't be rendered or read, and what rules say. Where
    `flux` applies them, it reads all of the repository, and a file outside a folder is a note."""
    for target in targets:
        found = results[target.path]
        problems = found.problems if isinstance(found, Broken) else found.inspection.problems
        for problem in problems:
            told = _find_broken(problem, target, snapshot)
            yield _as_flux_does(told) if flux and OUTSIDE in problem.message else told
        if isinstance(found, Broken):
            continue
        for violation, place in zip(found.inspection.violations, found.places, strict=True):
            yield target.finding(violation, place)


def _find_broken(problem: Problem, target: Target, snapshot: Snapshot) -> Finding:
    """What keeps a target from being rendered or read; what is wrong with an overlay as a whole
    stands at the top of its kustomization."""
    if snapshot.is_directory(problem.file):
        file = layout.kustomization_file(snapshot, problem.file)
        problem = problem._replace(file=file, line=1, column=1) if file else problem
    return find_problem(RENDER, problem, target)


def _as_flux_does(finding: Finding) -> Finding:
    fix = "Flux reads it all the same; Argo CD and kustomize do so only where they are told to"
    violation = replace(finding.violation, severity=Severity.AUDIT, fix=fix)
    return replace(finding, violation=violation)


def find_problem(rule: str, problem: Problem, target: Target) -> Finding:
    """The problem as what a rule finds in a target, on its own line."""
    text = f"{problem.key}: {problem.message}" if problem.key else problem.message
    fix = f"expected: {problem.expected}" if problem.expected else None
    if problem.nearest:
        fix = f"did you mean '{problem.nearest}'?"
    violation = Violation(rule, Severity.DENY, text, fix=fix)
    return target.finding(violation, Location(problem.file, problem.line, problem.column))
