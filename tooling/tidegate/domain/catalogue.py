"""The rules that a repository has, and whether their examples are as they should be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest


class Expected(StrEnum):
    """What an example is there to show, by the name of its file."""

    PASSES = "passes"
    FAILS = "fails"


@dataclass(frozen=True, slots=True)
class Entry:
    """One rule. `severities` has what it does in each environment; an environment in which it
    isn't asked is missing. `across` says that it needs more than one object, and so is asked by
    Tidegate alone."""

    name: str
    category: str
    severities: Mapping[str, str]
    why: str
    across: bool = False


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules, by category and name, and the environments in the order of promotion."""

    environments: tuple[str, ...]
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Example:
    """An object beside a policy's file, and the environment in which it is judged."""

    manifest: Manifest
    expected: Expected
    environment: str
    where: Location
    text: str


@dataclass(frozen=True, slots=True)
class InForce:
    """A binding in words: where it holds, what is done there, with which parameters."""

    name: str
    where: str
    actions: tuple[str, ...]
    parameters: str | None


@dataclass(frozen=True, slots=True)
class Tuning:
    """A setting of a rule across objects, for an environment's `rules`."""

    name: str
    default: str
    says: str


@dataclass(frozen=True, slots=True)
class RuleSheet:
    """Everything about one rule. A policy is written at `where`, with `expressions` as (key, CEL);
    rules across objects have only `settings`."""

    entry: Entry
    fix: str
    link: str
    where: Location | None = None
    expressions: tuple[tuple[str, str], ...] = ()
    bindings: tuple[InForce, ...] = ()
    examples: tuple[Example, ...] = ()
    settings: tuple[Tuning, ...] = ()


@dataclass(frozen=True, slots=True)
class Mismatch:
    """An example, or a rule without any, that is not as it should be; `message` says how."""

    rule: str
    where: Location
    message: str


@dataclass(frozen=True, slots=True)
class ExamplesReport:
    """What `policies test` found."""

    rules: int
    examples: int
    mismatches: tuple[Mismatch, ...]

    @property
    def exit_code(self) -> int:
        """1 where anything is not as it should be."""
        return 1 if self.mismatches else 0
