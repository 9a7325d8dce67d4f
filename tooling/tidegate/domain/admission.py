"""Kubernetes' own policies, as data: ValidatingAdmissionPolicy, its Binding, and parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from tidegate.domain.finding import Severity
from tidegate.domain.location import Location
from tidegate.domain.manifest import Object


@dataclass(frozen=True, slots=True)
class Expression:
    """A CEL expression as written under `key`, at `where`. `lines` says where in the file each of
    its lines begins, as (offset in the text, place); empty where YAML has changed the text."""

    text: str
    key: str
    where: Location
    lines: tuple[tuple[int, Location], ...] = ()

    def place(self, offset: int) -> Location:
        """Where the character at `offset` of the text stands in the file, or the key."""
        for start, where in reversed(self.lines):
            if start <= offset:
                return replace(where, column=where.column + offset - start)
        return self.lines[0][1] if self.lines else self.where


@dataclass(frozen=True, slots=True)
class Named:
    """A variable, a match condition or an audit annotation: an expression with a name."""

    name: str
    expression: Expression


@dataclass(frozen=True, slots=True)
class Validation:
    """What must be true, and what is said where it isn't."""

    expression: Expression
    message: str = ""
    message_expression: Expression | None = None


@dataclass(frozen=True, slots=True)
class Requirement:
    """One of a selector's `matchExpressions`: In, NotIn, Exists or DoesNotExist."""

    key: str
    operator: str
    values: frozenset[str] = frozenset()

    def met_by(self, labels: Mapping[str, str]) -> bool:
        """Whether labels fit: NotIn is also met by labels that lack the key."""
        if self.operator == "In":
            return labels.get(self.key) in self.values
        if self.operator == "NotIn":
            return labels.get(self.key) not in self.values
        return (self.key in labels) == (self.operator == "Exists")


@dataclass(frozen=True, slots=True)
class Selector:
    """A label selector; without requirements it selects everything."""

    requirements: tuple[Requirement, ...] = ()

    def selects(self, labels: Mapping[str, str]) -> bool:
        """Whether every requirement is met."""
        return all(requirement.met_by(labels) for requirement in self.requirements)


@dataclass(frozen=True, slots=True)
class ResourceRule:
    """Which requests are meant; `*` stands for all, no names for any name."""

    groups: frozenset[str]
    versions: frozenset[str]
    resources: tuple[str, ...]
    operations: frozenset[str]
    scope: str = "*"
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class MatchResources:
    """What a policy or a binding is about. `exact` says that other versions of the same resource
    are not."""

    rules: tuple[ResourceRule, ...] = ()
    excluded: tuple[ResourceRule, ...] = ()
    namespaces: Selector = Selector()
    objects: Selector = Selector()
    exact: bool = False


@dataclass(frozen=True, slots=True)
class ParameterKind:
    """The kind of objects that a policy takes parameters from."""

    api_version: str
    kind: str


@dataclass(frozen=True, slots=True)
class ParameterReference:
    """Which parameters a binding gives: one by name, or those that a selector selects."""

    name: str | None
    namespace: str | None
    selector: Selector | None
    required: bool
    where: Location


@dataclass(frozen=True, slots=True)
class AdmissionPolicy:
    """A ValidatingAdmissionPolicy. `why`, `fix`, `link`, `category` and `field` are its
    annotations of ours; `field` is a CEL expression that names the fields that are meant.
    `lenient` is `failurePolicy: Ignore`."""

    name: str
    match: MatchResources
    conditions: tuple[Named, ...]
    variables: tuple[Named, ...]
    validations: tuple[Validation, ...]
    annotations: tuple[Named, ...]
    parameter: ParameterKind | None
    lenient: bool
    why: str | None
    fix: str | None
    link: str | None
    category: str | None
    field: Expression | None
    where: Location


@dataclass(frozen=True, slots=True)
class Binding:
    """A ValidatingAdmissionPolicyBinding: where a policy is in force, and how strictly."""

    name: str
    policy: str
    actions: frozenset[Severity]
    match: MatchResources
    parameter: ParameterReference | None
    where: Location

    @property
    def severity(self) -> Severity:
        """The strictest of the actions."""
        return next(severity for severity in Severity if severity in self.actions)


@dataclass(frozen=True, slots=True)
class Parameter:
    """An object that policies take parameters from."""

    data: Object
    where: Location
