"""`policies test`: do the rules say of their examples what these are there to show?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.admission import AdmissionPolicy
from tidegate.domain.app import Environment
from tidegate.domain.catalogue import Example, ExamplesReport, Expected, Mismatch
from tidegate.domain.context import RuleContext
from tidegate.domain.finding import Inspection
from tidegate.domain.location import Location
from tidegate.domain.manifest import Broken, Built
from tidegate.domain.snapshot import Snapshot
from tidegate.flows.rulebook import read_rulebook, refuse_unsound
from tidegate.policy.rules import examples as across_objects
from tidegate.policy.schemas.rules import API_REMOVED, SCHEMA, SYNTAX
from tidegate.policy.schemas.versions import default_version
from tidegate.ports import Checking
from tidegate.repository.examples import read_examples, read_objects

REFUSING = (API_REMOVED, SCHEMA, SYNTAX)
ACROSS = "policies/rules"


def check_examples(snapshot: Snapshot, parts: Checking) -> ExamplesReport:
    """Judges every example of every policy as `check` would, within the same limits, and the
    overlays that are there as examples of the rules across objects. Raises ConfigurationError
    where a policy can't be compiled, or an example can't be read."""
    alone, across = _policies(snapshot, parts), _across(snapshot)
    ordered = sorted(
        (*alone.mismatches, *across.mismatches), key=lambda item: (item.where, item.rule)
    )
    rules, examples = alone.rules + across.rules, alone.examples + across.examples
    return ExamplesReport(rules, examples, tuple(ordered))


def _policies(snapshot: Snapshot, parts: Checking) -> ExamplesReport:
    rulebook = read_rulebook(snapshot, parts.fingerprint)
    folders: dict[str, list[AdmissionPolicy]] = {}
    for policy in rulebook.admission.policies:
        folders.setdefault(folder_of(policy), []).append(policy)
    examples = {folder: read_examples(snapshot, folder) for folder in folders}
    inspector = parts.inspector(rulebook)
    refuse_unsound(rulebook, inspector, parts.cache)
    questions = [_question(example) for found in examples.values() for example in found]
    answers = {answer.overlay: answer for answer in inspector.inspect(questions)}
    mismatches: list[Mismatch] = []
    for folder, policies in folders.items():
        for policy in policies:
            mismatches.extend(_missing(policy, examples[folder]))
        for example in examples[folder]:
            mismatches.extend(_judged(policies, example, answers[str(example.where)]))
    return ExamplesReport(len(rulebook.admission.policies), len(questions), tuple(mismatches))


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


def _question(example: Example) -> tuple[Built, RuleContext]:
    """The example as an overlay of its own, in its environment."""
    environment = Environment(example.environment, None, None)
    built = Built(str(example.where), example.text, plain=True)
    return built, RuleContext(environment, kubernetes=default_version())


def _judged(
    policies: Sequence[AdmissionPolicy], example: Example, answer: Inspection | Broken
) -> Iterator[Mismatch]:
    names = [policy.name for policy in policies]
    what = f"{example.manifest.id}, in {example.environment},"
    if isinstance(answer, Broken):
        reasons = "; ".join(problem.message for problem in answer.problems)
        yield Mismatch(" or ".join(names), example.where, f"{what} can't be judged: {reasons}")
        return
    said: dict[str, str] = {}
    for violation in answer.violations:
        said.setdefault(violation.rule, violation.message)
    guilty = [name for name in names if name in said]
    # What a controller alone would refuse, the policies are asked about.
    refused = None if guilty else next((said[rule] for rule in REFUSING if rule in said), None)
    if refused:
        # The API server would say so, and never ask a policy.
        yield Mismatch(" or ".join(names), example.where, f"{what} is not valid: {refused}")
    elif example.expected is Expected.PASSES:
        for name in guilty:
            yield Mismatch(name, example.where, f"{what} should pass, and fails: {said[name]}")
    elif not guilty:
        yield Mismatch(" or ".join(names), example.where, f"{what} should fail, and passes")
