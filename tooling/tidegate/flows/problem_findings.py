"""Problem → Finding: what is wrong with a file itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.errors import Problem

if TYPE_CHECKING:
    from tidegate.repository.targets import Target

RENDER = "render"


def find_problem(rule: str, problem: Problem, target: Target) -> Finding:
    """The problem as what a rule finds in a target, on its own line."""
    text = f"{problem.key}: {problem.message}" if problem.key else problem.message
    fix = f"expected: {problem.expected}" if problem.expected else None
    if problem.nearest:
        fix = f"did you mean '{problem.nearest}'?"
    violation = Violation(rule, Severity.DENY, text, fix=fix)
    return target.finding(violation, Location(problem.file, problem.line, problem.column))
