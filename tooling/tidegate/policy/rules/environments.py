"""Which environments are asked for more than the others."""

from __future__ import annotations

from tidegate.domain.app import Environment

_PRODUCTION = ("prod", "production", "prd", "live")


def is_production(environment: Environment | None, rule: str) -> bool:
    """Whether a rule that only production has to keep is asked here: in environments of that
    name, and wherever `rules:` names the rule."""
    if environment is None:
        return False
    first = environment.name.partition("-")[0]
    return first in _PRODUCTION or any(said.rule == rule for said in environment.rules)
