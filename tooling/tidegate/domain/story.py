"""All that the text of a pull request is made of."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.app import App
from tidegate.domain.configuration import Configuration
from tidegate.domain.difference import ObjectChange
from tidegate.domain.promotion import Promotion, Request
from tidegate.domain.scan import Vulnerability


@dataclass(frozen=True, slots=True)
class ScanStep:
    """The vulnerabilities that come and those that go, the worst first. `unknown` says why nobody
    can tell, where that is so."""

    new: tuple[Vulnerability, ...] = ()
    fixed: tuple[Vulnerability, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """One app's part of a pull request. `objects` are what the cluster gets to see, `unseen` says
    why nobody can tell; `scan` is None where nobody asked for one."""

    app: App
    promotion: Promotion
    objects: tuple[ObjectChange, ...] = ()
    unchanged: int = 0
    unseen: str = ""
    scan: ScanStep | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """All that the text of a pull request is made of. `revision` is its commit, empty before there
    is one; `title` the commit's subject."""

    title: str
    environment: str
    chapters: tuple[Chapter, ...]
    request: Request
    configuration: Configuration
    revision: str = ""
    batch: str | None = None
