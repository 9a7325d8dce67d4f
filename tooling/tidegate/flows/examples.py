"""`policies test`: do the rules say of their examples what these are there to show?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from tidegate.domain.admission import AdmissionPolicy
from tidegate.domain.catalogue import Example, ExamplesReport, Expected, Mismatch
from tidegate.domain.location import Location
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.policy.admission.engine import AdmissionEngine
from tidegate.policy.namespaces import ENVIRONMENT_LABEL
from tidegate.policy.rules import examples as across_objects
from tidegate.repository.admission import read_admission
from tidegate.repository.examples import read_examples, read_objects

ACROSS = "policies/rules"


def check_examples(snapshot: Snapshot) -> ExamplesReport:
    """Judges every example of every policy, by that policy alone, and the overlays that are there
    as examples of the rules across objects."""
    alone, across = _policies(snapshot), _across(snapshot)
    ordered = sorted(
        (*alone.mismatches, *across.mismatches), key=lambda item: (item.where, item.rule)
    )
    rules, examples = alone.rules + across.rules, alone.examples + across.examples
    return ExamplesReport(rules, examples, tuple(ordered))


def _policies(snapshot: Snapshot) -> ExamplesReport:
    admission = read_admission(snapshot)
    folders: dict[str, list[AdmissionPolicy]] = {}
    for policy in admission.policies:
        folders.setdefault(folder_of(policy), []).append(policy)
    mismatches: list[Mismatch] = []
    problems: list[Problem] = []
    examples = 0
    for folder, policies in folders.items():
        found = read_examples(snapshot, folder)
        examples += len(found)
        for policy in policies:
            mismatches.extend(_missing(policy, found))
        engine = AdmissionEngine(replace(admission, policies=tuple(policies)))
        problems.extend(engine.problems)
        for example in found:
            mismatches.extend(_judged(policies, example, _said(engine, example)))
    if problems:
        raise ConfigurationError(problems)
    return ExamplesReport(len(admission.policies), examples, tuple(mismatches))


def _across(snapshot: Snapshot) -> ExamplesReport:
    """Each file is an example: the objects of one overlay, or of several."""
    mismatches: list[Mismatch] = []
    rules = 0
    for name in snapshot.children(ACROSS):
        folder = f"{ACROSS}/{name}"
        if not snapshot.is_directory(folder):
            continue
        rules += 1
        passes, fails = (read_objects(snapshot, f"{folder}/{e.value}.yaml") for e in Expected)
        mismatches.extend(
            Mismatch(name, Location(folder), sentence)
            for sentence in across_objects.check_examples(name, passes, fails)
        )
    return ExamplesReport(rules, 2 * rules, tuple(mismatches))


def folder_of(policy: AdmissionPolicy) -> str:
    """Where the policy's file lies, and its examples beside it."""
    return policy.where.file.rpartition("/")[0]


def _missing(policy: AdmissionPolicy, examples: tuple[Example, ...]) -> Iterator[Mismatch]:
    for expected in Expected:
        if not any(example.expected is expected for example in examples):
            message = f"has no example that {expected.value}: there is no {expected.value}.yaml"
            yield Mismatch(policy.name, policy.where, f"{message} with an object beside it")


def _said(engine: AdmissionEngine, example: Example) -> dict[str, str]:
    """What each policy says of an example: the first message of each."""
    found: dict[str, str] = {}
    for violation in engine.judge(example.manifest, _namespace(example)):
        found.setdefault(violation.rule, violation.message)
    return found


def _namespace(example: Example) -> dict[str, Any]:
    """The Namespace that the example would lie in."""
    name = example.manifest.id.namespace or f"example-{example.environment}"
    labels = {ENVIRONMENT_LABEL: example.environment}
    return {"metadata": {"name": name, "labels": labels}}


def _judged(
    policies: list[AdmissionPolicy], example: Example, said: dict[str, str]
) -> Iterator[Mismatch]:
    names = [policy.name for policy in policies]
    guilty = [name for name in names if name in said]
    what = f"{example.manifest.id}, in {example.environment},"
    if example.expected is Expected.PASSES:
        for name in guilty:
            yield Mismatch(name, example.where, f"{what} should pass, and fails: {said[name]}")
    elif not guilty:
        yield Mismatch(" or ".join(names), example.where, f"{what} should fail, and passes")
