"""What an environment may say of the rules, held against what they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from tidegate.domain.cluster import RuleSetting
from tidegate.errors import Problem
from tidegate.policy.rules.rule import Rule, fits
from tidegate.policy.rules.spelling import nearest_name

# What an Application may be is no environment's own affair: one syncs into several.
_DELIVERY = "delivery"
_OWN = (
    "one of Tidegate's own of `tidegate policies list`; how severe a policy in policies/admission "
    "is, its bindings say"
)
_KINDS = {"names": "a list of names", "number": "a whole number from 0"}


def problems(rules: Mapping[str, Rule], said: Iterable[RuleSetting]) -> Iterator[Problem]:
    """Rules that don't exist, settings that a rule doesn't have, and values that can't be."""
    for item in said:
        where = item.where
        rule = rules.get(item.rule)
        if rule is None:
            near = nearest_name(item.rule, rules)
            message = f"'{item.rule}' is no rule of Tidegate's"
            yield where.problem("rules.rule", message, _OWN, near)
            continue
        if rule.category == _DELIVERY:
            message = f"'{item.rule}' holds for every environment, and can't be set"
            yield where.problem("rules.rule", message)
            continue
        for name, value in item.settings.items():
            setting = rule.settings.get(name)
            key = f"rules.settings.{name}"
            if setting is None:
                known = ", ".join(rule.settings)
                message = f"rule '{item.rule}' has no setting of that name"
                expected = f"one of {known}" if known else "none, for it has no settings"
                yield where.problem(key, message, expected, nearest_name(name, rule.settings))
            elif not fits(setting, value):
                message = f"of the rule '{item.rule}' is something else"
                yield where.problem(key, message, _KINDS[setting.kind])
