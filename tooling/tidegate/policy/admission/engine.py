"""All policies at once, against one object after the other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any, NamedTuple

from tidegate.domain.admission import Binding
from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.manifest import FieldPath, Manifest, Object
from tidegate.domain.rulebook import Admission
from tidegate.domain.text import one_line
from tidegate.errors import Problem
from tidegate.policy.admission.compilation import Compiler
from tidegate.policy.admission.compiled import Compiled
from tidegate.policy.admission.evaluation import Decision, evaluate, fields
from tidegate.policy.admission.fields import named_fields, resolve
from tidegate.policy.admission.matching import Request, Version, matched_version
from tidegate.policy.admission.parameters import Misconfigured, Parameters
from tidegate.policy.admission.resources import Resources
from tidegate.policy.admission.subject import Subject, namespace_of

_PLANS = 4096
_MESSAGE = 2000


class _Use(NamedTuple):
    """A binding that is in force, and what it gives: parameters, or an error."""

    binding: Binding
    parameters: list[Any]
    error: str | None


class _Plan(NamedTuple):
    """A policy that is about a kind of object in a namespace, under a version, and its uses.
    `quick` says in one go whether an object breaks nothing, where all uses give `parameter`."""

    compiled: Compiled
    version: Version
    uses: list[_Use]
    quick: Any
    parameter: Any


class AdmissionEngine:
    """Judges objects as the API server would when they are created.

    Nothing is compiled before it is needed, so that an engine costs next to nothing where few
    policies are asked. `custom` are kinds of the repository's definitions, for the plurals,
    scopes and versions of theirs.
    """

    def __init__(self, admission: Admission, custom: Iterable[CustomKind] = ()) -> None:
        self._resources = Resources(custom)
        self._parameters = Parameters(admission.parameters, self._resources)
        self._policies = [
            (Compiled(policy), [b for b in admission.bindings if b.policy == policy.name])
            for policy in admission.policies
        ]
        self._request: set[str] = set()
        matches = [c.policy.match for c, _ in self._policies]
        matches += [binding.match for _, bindings in self._policies for binding in bindings]
        # What the plans depend on beside the kind and the namespace's labels.
        self._by_name = any(r.names for m in matches for r in (*m.rules, *m.excluded))
        self._labels = {r.key for m in matches for r in m.namespaces.requirements}
        self._by_namespace = any(
            self._parameters.follows_namespace(compiled.policy.parameter, binding)
            for compiled, bindings in self._policies
            for binding in bindings
        )
        self._plans: dict[tuple[Any, ...], list[_Plan]] = {}

    @cached_property
    def problems(self) -> tuple[Problem, ...]:
        """Everything that can't be judged offline, refused by name. A policy with a problem says
        nothing, or not all: nobody should rely on an engine that has one."""
        problems: list[Problem] = []
        for compiled, bindings in self._policies:
            compiler = Compiler(compiled.policy)
            compiler.check()
            problems.extend(compiler.problems)
            for binding in bindings:
                problems.extend(self._missing(compiled.policy.parameter, binding))
        return tuple(problems)

    def judge(self, manifest: Manifest, namespace: Object | None = None) -> Iterator[Violation]:
        """Every way in which the object breaks a policy that is in force for it.

        `namespace` is the Namespace that it will be in, with its labels; None for objects of the
        whole cluster, and where nobody knows.
        """
        found = namespace_of(manifest, namespace)
        resource = self._resources.find(
            manifest.id.api_version, manifest.id.kind, namespaced=found is not None
        )
        if resource.exempt:
            return
        subject = Subject(manifest, resource, found, self._request)
        for plan in self._plan(subject):
            if plan.quick is None or not _passes(plan, subject):
                yield from self._violations(plan, subject)

    def _missing(self, kind: Any, binding: Binding) -> Iterator[Problem]:
        reference = binding.parameter
        if kind is None or reference is None or reference.name is None or not reference.required:
            return
        if not self._parameters.has(kind, reference.name):
            message = f"names the {kind.kind} '{reference.name}', which is not there"
            expected = "a file with it beside the policies"
            yield reference.where.problem("spec.paramRef", message, expected)

    def _plan(self, subject: Subject) -> list[_Plan]:
        key = (
            subject.resource.group,
            subject.resource.version,
            subject.resource.kind,
            subject.scope_labels(self._labels),
            subject.name if self._by_name else "",
            subject.namespace if self._by_namespace else bool(subject.namespace),
        )
        found = self._plans.get(key)
        if found is None:
            if len(self._plans) >= _PLANS:
                self._plans.clear()
            found = self._plans[key] = list(self._make_plans(subject))
        return found

    def _make_plans(self, subject: Subject) -> Iterator[_Plan]:
        found = subject.scope_labels(self._labels)
        labels = dict(found) if found is not None else None
        request = Request(subject.resource, subject.name, subject.namespace, labels)
        for compiled, bindings in self._policies:
            version = matched_version(compiled.policy.match, request)
            if version is None or not bindings:
                continue
            uses = [
                self._use(compiled, binding, subject.namespace)
                for binding in bindings
                if matched_version(binding.match, request) is not None
            ]
            given = {id(parameter): parameter for use in uses for parameter in use.parameters}
            single = len(given) == 1 and all(use.error is None for use in uses)
            if uses and not compiled.broken:
                self._request |= compiled.request
                quick = compiled.whole if single else None
                yield _Plan(compiled, version, uses, quick, next(iter(given.values()), None))

    def _use(self, compiled: Compiled, binding: Binding, namespace: str) -> _Use:
        kind = compiled.policy.parameter
        try:
            return _Use(binding, self._parameters.given(kind, binding, namespace), None)
        except Misconfigured as error:
            return _Use(binding, [], f"failed to configure binding: {error}")

    def _violations(self, plan: _Plan, subject: Subject) -> Iterator[Violation]:
        compiled = plan.compiled
        policy = compiled.policy
        labels = subject.labels
        if not policy.match.objects.selects(labels):
            return
        worst: dict[int, tuple[Severity, Decision, Any]] = {}
        for use in plan.uses:
            if not use.binding.match.objects.selects(labels):
                continue
            for severity, decision, activation in _decisions(plan, use, subject):
                known = worst.get(decision.number)
                if known is None or _rank(severity) < _rank(known[0]):
                    worst[decision.number] = severity, decision, activation
        for number in sorted(worst):
            severity, decision, activation = worst[number]
            for field in _fields(compiled, number, activation, subject.manifest):
                yield Violation(
                    policy.name,
                    severity,
                    one_line(decision.message, _MESSAGE),
                    subject.manifest.id,
                    field,
                    policy.fix,
                    policy.link,
                )


def _passes(plan: _Plan, subject: Subject) -> bool:
    """The short way to the most common answer. A condition that fails is no true one, and is
    looked at again, by itself."""
    activation = subject.activation(plan.version, plan.parameter)
    if activation is None:
        return True
    try:
        return plan.quick.eval(activation).value() is True
    except RuntimeError:
        return False


def _decisions(
    plan: _Plan, use: _Use, subject: Subject
) -> Iterator[tuple[Severity, Decision, Any]]:
    if use.error is not None:
        if not plan.compiled.policy.lenient:
            yield Severity.DENY, Decision(-1, use.error), None
        return
    for parameter in use.parameters:
        activation = subject.activation(plan.version, parameter)
        if activation is None:
            return
        for decision in evaluate(plan.compiled, activation):
            severity = Severity.DENY if decision.always else use.binding.severity
            yield severity, decision, activation


def _fields(
    compiled: Compiled, number: int, activation: Any, manifest: Manifest
) -> list[FieldPath]:
    if compiled.field and activation is not None:
        paths = fields(compiled.field, activation)
        if paths:
            return list(dict.fromkeys(resolve(path, manifest.data) for path in paths))
    if number < 0:
        return [()]
    test = compiled.checks[number].test
    return [named_fields([test.source.text, *test.through])]


_RANKS = {severity: rank for rank, severity in enumerate(Severity)}


def _rank(severity: Severity) -> int:
    return _RANKS[severity]
