"""All that the texts of pull requests are made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from tidegate.domain.configuration import Configuration
from tidegate.domain.difference import ObjectChange
from tidegate.domain.holding import Place
from tidegate.domain.promotion import Promotion, Request
from tidegate.domain.rollback import Rollback
from tidegate.domain.scan import Vulnerability


@dataclass(frozen=True, slots=True)
class ScanStep:
    """The vulnerabilities that come and those that go, the worst first. `unknown` says why nobody
    can tell, where that is so."""

    new: tuple[Vulnerability, ...] = ()
    fixed: tuple[Vulnerability, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class ClusterStep:
    """What the cluster gets to see: the objects that change, what runs first. `unseen` says why
    nobody can tell."""

    objects: tuple[ObjectChange, ...] = ()
    unchanged: int = 0
    unseen: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One app's part of a promotion; `scan` is None where nobody asked for one."""

    promotion: Promotion
    cluster: ClusterStep = ClusterStep()
    scan: ScanStep | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All that the text of a promotion's pull request is made of. `revision` is its commit, empty
    before there is one."""

    environment: str
    chapters: tuple[Chapter, ...]
    request: Request
    configuration: Configuration
    revision: str = ""


@dataclass(frozen=True, slots=True)
class BackStory:
    """The same of a rollback's. `clusters` has what each app's cluster gets to see; `by` is who
    goes back, and blocks and holds."""

    environment: str
    rollbacks: tuple[Rollback, ...]
    clusters: Mapping[str, ClusterStep]
    by: str
    reason: str
    revision: str = ""


@dataclass(frozen=True, slots=True)
class HoldStory:
    """The same of a hold's, or of what lifts one; `verb` says which."""

    verb: str
    environment: str
    places: tuple[Place, ...]
    by: str
    reason: str
    revision: str = ""
