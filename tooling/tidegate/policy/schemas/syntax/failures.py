"""How Jobs take the failures of their pods (pkg/apis/batch/validation: validatePodFailurePolicy,
validateSuccessPolicy)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import KEY_RULE, is_key
from tidegate.policy.schemas.syntax.reading import items, mapping, number, part, text
from tidegate.policy.schemas.syntax.words import MISSING, at_least, filled, one_of, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_ACTIONS = ("FailJob", "FailIndex", "Ignore", "Count")
_OPERATORS = ("In", "NotIn")
_INTERVALS = re.compile(r"[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*")
_STATES = ("True", "False", "Unknown")
_REPLACEMENTS = ("TerminatingOrFailed", "Failed")
# Before these versions the server drops the fields, unless it is told not to.
_POLICY, _INDEXES, _SUCCESS = (1, 26), (1, 29), (1, 31)


def judge_failures(spec: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """A Job's rules for pods and indexes that fail or succeed."""
    policy = spec.get("podFailurePolicy")
    if isinstance(policy, dict) and minor >= _POLICY:
        restart = part(spec, "template", "spec").get("restartPolicy")
        if restart == "OnFailure":
            message = f"is {shown(restart)}; expected 'Never' where there is a podFailurePolicy"
            yield Flaw((*path, "template", "spec", "restartPolicy"), message)
        for rule, where in items(policy.get("rules"), (*path, "podFailurePolicy", "rules")):
            yield from _judge_rule(rule, where, spec)
    if minor >= _INDEXES:
        yield from one_of(spec, "podReplacementPolicy", _REPLACEMENTS, path)
        yield from filled(spec, ("podReplacementPolicy",), path)
        replacement = spec.get("podReplacementPolicy")
        if policy is not None and replacement == _REPLACEMENTS[0]:
            message = f"is {shown(replacement)}; expected 'Failed' beside a podFailurePolicy"
            yield Flaw((*path, "podReplacementPolicy"), message)
        yield from _judge_indexes(spec, path)
    success = spec.get("successPolicy")
    if isinstance(success, dict) and minor >= _SUCCESS:
        if spec.get("completionMode") != "Indexed":
            yield Flaw((*path, "successPolicy"), "is set; expected completionMode: Indexed")
        if success.get("rules") == []:
            yield Flaw((*path, "successPolicy", "rules"), "is empty; expected at least one rule")
        for rule, where in items(success.get("rules"), (*path, "successPolicy", "rules")):
            yield from _judge_success(rule, where, number(spec.get("completions")))
            if rule.get("succeededCount") is None and rule.get("succeededIndexes") is None:
                yield Flaw(where, "says nothing; expected succeededCount or succeededIndexes")


def _judge_success(rule: dict[str, Any], path: FieldPath, most: int | None) -> Iterator[Flaw]:
    """Which pods must have succeeded, and how many of them."""
    indexes = text(rule.get("succeededIndexes"))
    if indexes and not _INTERVALS.fullmatch(indexes):
        yield wrong((*path, "succeededIndexes"), indexes, "indexes such as 0-2,5")
    elif indexes:
        ends = [[int(end) for end in piece.split("-")] for piece in indexes.split(",")]
        flat = [end for pair in ends for end in pair]
        if flat != sorted(set(flat)):
            yield wrong((*path, "succeededIndexes"), indexes, "each index once, the lowest first")
        elif most is not None and flat[-1] >= most:
            yield wrong((*path, "succeededIndexes"), indexes, f"indexes below completions, {most}")
        else:
            most = sum(pair[-1] - pair[0] + 1 for pair in ends)
    yield from at_least(rule, "succeededCount", 0, path, most)


def _judge_indexes(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    most, limit = number(spec.get("maxFailedIndexes")), spec.get("backoffLimitPerIndex")
    if limit is not None and spec.get("completionMode") != "Indexed":
        yield Flaw((*path, "backoffLimitPerIndex"), "is set; expected completionMode: Indexed")
    if most is None:
        return
    if limit is None:
        message = f"{MISSING}; expected a number beside maxFailedIndexes"
        yield Flaw((*path, "backoffLimitPerIndex"), message)
    completions = number(spec.get("completions"))
    if completions is not None and most > completions:
        yield wrong((*path, "maxFailedIndexes"), most, f"at most completions, {completions}")


def _judge_rule(rule: dict[str, Any], path: FieldPath, spec: dict[str, Any]) -> Iterator[Flaw]:
    yield from one_of(rule, "action", _ACTIONS, path)
    yield from filled(rule, ("action",), path)
    if rule.get("action") == "FailIndex" and spec.get("backoffLimitPerIndex") is None:
        yield Flaw((*path, "action"), "is 'FailIndex'; expected backoffLimitPerIndex to be set")
    codes, conditions = rule.get("onExitCodes"), rule.get("onPodConditions")
    if codes is None and not conditions:
        yield Flaw(path, "matches nothing; expected onExitCodes or onPodConditions")
    elif codes is not None and conditions:
        message = "is set beside onExitCodes; expected one of them"
        yield Flaw((*path, "onPodConditions"), message)
    for item, where in items(conditions, (*path, "onPodConditions")):
        yield from one_of(item, "status", _STATES, where)
        if not is_key(text(item.get("type"))):
            yield wrong((*where, "type"), item.get("type"), KEY_RULE)
    if isinstance(codes, dict):
        yield from _judge_codes(codes, (*path, "onExitCodes"), spec)


def _judge_codes(codes: dict[str, Any], path: FieldPath, spec: dict[str, Any]) -> Iterator[Flaw]:
    yield from one_of(codes, "operator", _OPERATORS, path)
    yield from filled(codes, ("operator", "containerName"), path)
    values, where = codes.get("values"), (*path, "values")
    known = [number(value) for value in values] if isinstance(values, list) else []
    if values == []:
        yield Flaw(where, "is empty; expected at least one exit code")
    numbers = [value for value in known if value is not None]
    for index, value in enumerate(known):
        if value == 0 and codes.get("operator") == "In":
            yield Flaw((*where, index), "is 0; expected the exit code of a failure")
    if numbers != sorted(set(numbers)):
        yield Flaw(where, "is in no order; expected each exit code once, and the lowest first")
    name, pod = text(codes.get("containerName")), part(spec, "template", "spec")
    names = {
        text(mapping(item).get("name"))
        for key in ("initContainers", "containers")
        for item, _ in items(pod.get(key), ())
    }
    if name and name not in names:
        yield wrong((*path, "containerName"), name, "a container of the pod template")
