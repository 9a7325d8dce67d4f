"""What a check is asked, what it looked at, and what it found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.domain.changes import Changes
    from tidegate.domain.finding import Finding
    from tidegate.domain.snapshot import Snapshot


@dataclass(frozen=True, slots=True)
class CheckRequest:
    """What to look at, and how. `paths` are relative to the root, empty for all of it; `shard`
    is (which part, of how many), from 1."""

    paths: tuple[str, ...] = ()
    environment: str | None = None
    app: str | None = None
    changed_since: str | None = None
    kubernetes: str | None = None
    shard: tuple[int, int] | None = None
    strict_kinds: bool = False
    warnings_as_errors: bool = False


@dataclass(frozen=True, slots=True)
class Scene:
    """What is looked at: the files, and what differs from the request's `changed_since`, where it
    has one."""

    snapshot: Snapshot
    changed: Changes | None = None


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was checked, from where it came, and what could not be held against a schema.

    `overlays` counts plain manifests' files too; `rendered` and `cached` say where they came
    from, and what is left could not be rendered or read. `unknown_kinds` maps (apiVersion, kind)
    to the number of objects without a schema; `kubernetes` the versions that were checked against;
    `rules` how many rules were asked. `checked` names every overlay and file, so that what passed
    can be shown too; `unlisted` counts the files of objects that were not read, for no
    kustomization beside them lists them.
    """

    overlays: int = 0
    objects: int = 0
    rendered: int = 0
    cached: int = 0
    kubernetes: tuple[str, ...] = ()
    rules: int = 0
    unknown_kinds: Mapping[tuple[str, str], int] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    unlisted: int = 0


@dataclass(frozen=True, slots=True)
class CheckReport:
    """`findings` are sorted by file, line and rule; an overlay that can't be rendered is a
    finding of the rule `render`. `warnings_as_errors` says that Warn fails the check too."""

    findings: tuple[Finding, ...]
    coverage: Coverage
    warnings_as_errors: bool = False

    @property
    def failed(self) -> bool:
        """Whether the check ends with exit code 1."""
        return any(finding.blocks or self._counts(finding) for finding in self.findings)

    def _counts(self, finding: Finding) -> bool:
        warns = finding.violation.severity.value == "Warn" and finding.waiver is None
        return self.warnings_as_errors and warns
