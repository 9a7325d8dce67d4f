"""Which kinds there are schemas for, and which definitions were added to them, as values."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from tidegate.domain.custom_kind import Definition

# The apiVersion and the kind of objects.
Kind = tuple[str, str]


@dataclass(frozen=True, slots=True)
class KnownVersion:
    """A version of Kubernetes, the kinds that it has, and the environments whose clusters are of
    it."""

    version: str
    kinds: tuple[Kind, ...]
    environments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Usage:
    """A kind without a schema, and the overlays whose files have objects of it."""

    kind: Kind
    overlays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SchemaCatalogue:
    """What manifests can be held against. `known` has every version of Kubernetes that there are
    schemas for, `used` those of the clusters, `definitions` each with the number of overlays that
    use it."""

    known: tuple[str, ...]
    used: tuple[KnownVersion, ...]
    definitions: tuple[tuple[Definition, int], ...]
    missing: tuple[Usage, ...]


class Outcome(StrEnum):
    """What became of a definition that was to be added."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Addition:
    """A definition, the repository's file that has it now, and what was in its place before."""

    definition: Definition
    file: str
    outcome: Outcome
    before: Definition | None = None


@dataclass(frozen=True, slots=True)
class AdditionReport:
    """What `schemas add` did, or with `dry_run` would do. `others` are objects of other kinds in
    the files, which were left where they are."""

    additions: tuple[Addition, ...]
    others: int
    dry_run: bool
