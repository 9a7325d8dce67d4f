"""Problem → Finding: what is wrong with a file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.errors import Problem
from tidegate.repository import layout

if TYPE_CHECKING:
    from tidegate.domain.snapshot import Snapshot
    from tidegate.repository.targets import Target

RENDER = "render"


def find_broken(problem: Problem, target: Target, snapshot: Snapshot) -> Finding:
    """What keeps a target from being rendered or read; what is wrong with an overlay as a whole
    stands at the top of its kustomization."""
    if snapshot.is_directory(problem.file):
        file = layout.kustomization_file(snapshot, problem.file)
        problem = problem._replace(file=file, line=1, column=1) if file else problem
    return find_problem(RENDER, problem, target)


def find_problem(rule: str, problem: Problem, target: Target) -> Finding:
    """The problem as what a rule finds in a target, on its own line."""
    text = f"{problem.key}: {problem.message}" if problem.key else problem.message
    fix = f"expected: {problem.expected}" if problem.expected else None
    if problem.nearest:
        fix = f"did you mean '{problem.nearest}'?"
    violation = Violation(rule, Severity.DENY, text, fix=fix)
    return target.finding(violation, Location(problem.file, problem.line, problem.column))
