"""`policies`: which rules there are, and everything about one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from tidegate.domain.admission import AdmissionPolicy, Binding, Expression, Selector
from tidegate.domain.app import Environment
from tidegate.domain.catalogue import (
    Catalogue,
    Entry,
    InForce,
    RuleSheet,
    Tuning,
)
from tidegate.domain.finding import Severity
from tidegate.domain.rulebook import Admission
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import nearest
from tidegate.errors import InputError
from tidegate.flows.examples import folder_of
from tidegate.policy.namespaces import ENVIRONMENT_LABEL
from tidegate.policy.rules import RULES
from tidegate.policy.rules.rule import OFF, Rule
from tidegate.repository.admission import read_admission
from tidegate.repository.configuration import load_configuration
from tidegate.repository.examples import read_examples


def list_rules(snapshot: Snapshot) -> Catalogue:
    """Every rule of the repository, with what it does in each environment."""
    admission = read_admission(snapshot)
    environments = load_configuration(snapshot).in_order()
    entries = [_entry(policy, admission, environments) for policy in admission.policies]
    entries += [_across(rule, environments) for rule in RULES.values()]
    names = tuple(environment.name for environment in environments)
    return Catalogue(names, tuple(sorted(entries, key=lambda e: (e.category, e.name))))


def show_rule(snapshot: Snapshot, name: str) -> RuleSheet:
    """Everything about one rule. Raises InputError where there is none of that name."""
    admission = read_admission(snapshot)
    environments = load_configuration(snapshot).in_order()
    policies = {policy.name: policy for policy in admission.policies}
    policy, rule = policies.get(name), RULES.get(name)
    if policy is None and rule is not None:
        return RuleSheet(
            _across(rule, environments),
            rule.fix,
            rule.link,
            settings=tuple(
                Tuning(key, _shown(setting.default), setting.says)
                for key, setting in rule.settings.items()
            ),
        )
    if policy is None:
        near = nearest(name, (*policies, *RULES))
        hint = f"did you mean '{near}'?" if near else "`tidegate policies list` has them all"
        raise InputError(f"there is no rule {name!r}", hint=hint)
    return RuleSheet(
        _entry(policy, admission, environments),
        policy.fix or "",
        policy.link or "",
        policy.where,
        tuple(_expressions(policy)),
        tuple(_in_force(binding) for binding in _bindings(policy, admission)),
        read_examples(snapshot, folder_of(policy)),
    )


def _bindings(policy: AdmissionPolicy, admission: Admission) -> Iterator[Binding]:
    return (binding for binding in admission.bindings if binding.policy == policy.name)


def _entry(
    policy: AdmissionPolicy, admission: Admission, environments: Sequence[Environment]
) -> Entry:
    bindings = list(_bindings(policy, admission))
    severities: dict[str, str] = {}
    for environment in environments:
        labels = {ENVIRONMENT_LABEL: environment.name}
        found = {
            binding.severity
            for binding in bindings
            if binding.match.namespaces.selects(labels) and policy.match.namespaces.selects(labels)
        }
        if found:
            severities[environment.name] = next(s for s in Severity if s in found).value
    return Entry(policy.name, policy.category or "", severities, policy.why or "")


def _across(rule: Rule, environments: Sequence[Environment]) -> Entry:
    severities: dict[str, str] = {}
    for environment in environments:
        said = next((s.severity for s in environment.rules if s.rule == rule.name), None)
        if said != OFF:
            severities[environment.name] = said or rule.severity.value
    return Entry(rule.name, rule.category, severities, rule.why, across=True)


def _shown(default: object) -> str:
    if isinstance(default, list | tuple):
        return ", ".join(map(str, default)) or "none"
    return str(default)


def _expressions(policy: AdmissionPolicy) -> Iterator[tuple[str, str]]:
    for condition in policy.conditions:
        yield f"matchConditions.{condition.name}", _written(condition.expression)
    for variable in policy.variables:
        yield f"variables.{variable.name}", _written(variable.expression)
    for number, validation in enumerate(policy.validations):
        yield f"validations[{number}].expression", _written(validation.expression)
        if validation.message_expression:
            yield (
                f"validations[{number}].messageExpression",
                _written(validation.message_expression),
            )


def _written(expression: Expression) -> str:
    """An expression in lines as its file has them, which YAML may have folded into one."""
    starts = [0, *(offset for offset, _ in expression.lines[1:]), len(expression.text)]
    parts = (expression.text[start:end].rstrip() for start, end in pairwise(starts))
    return "\n".join(parts)


def _in_force(binding: Binding) -> InForce:
    parameter = binding.parameter
    named = None
    if parameter:
        named = f"{parameter.namespace}/{parameter.name}" if parameter.name else "by selector"
    actions = tuple(sorted(action.value for action in binding.actions))
    return InForce(binding.name, _words(binding.match.namespaces), actions, named)


def _words(selector: Selector) -> str:
    """A selector of namespaces, in words."""
    parts = [
        f"{r.key} {r.operator} {', '.join(sorted(r.values))}".rstrip()
        for r in selector.requirements
    ]
    return " and ".join(parts) or "everywhere"
