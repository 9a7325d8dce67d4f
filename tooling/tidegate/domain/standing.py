"""What an app is in an environment: as Git has it, as the registry's alias names it, and as it
runs, side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.application import ApplicationName
from tidegate.domain.block import Block
from tidegate.domain.hold import Hold
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.waiver import Waiver


@dataclass(frozen=True, slots=True)
class Alias:
    """What the registered model's alias `name` names: a version, or None where it isn't there."""

    name: str
    version: str | None


@dataclass(frozen=True, slots=True)
class Running:
    """An image of the app's that runs. `version` is the model's, None where no release had that
    image; `digest` is None where it runs by its tag alone."""

    version: str | None
    digest: str | None


@dataclass(frozen=True, slots=True)
class Sighting:
    """One Application, as Argo CD saw it last. Statuses, and `phase` of the last sync, are Argo
    CD's own words, and empty where it has none; `running` are the app's images in its pods.
    `doubts` are why all that may tell nothing of what Git wants, each with what to do.
    """

    application: ApplicationName
    destination: str
    revision: str
    sync: str
    health: str
    phase: str
    running: tuple[Running, ...]
    doubts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """An app in an environment, at the branch's head. `edited` lists where overlay and release
    disagree; `problem` says why the files can't be read; `waivers` are those for the app there,
    of whatever version, the expired ones too; `blocks` what it doesn't take back.

    `alias` and `sightings` are None where nobody could look, or was asked to; no sighting means
    that Argo CD has no Application of it. `disagreements` are where these and Git differ.
    """

    app: str
    environment: str
    release: Release | None
    overlay: OverlayState | None
    since: datetime | None
    author: str | None
    requested_by: str | None
    revision: str | None
    holds: tuple[Hold, ...]
    edited: tuple[str, ...]
    problem: str | None
    waivers: tuple[Waiver, ...] = ()
    blocks: tuple[Block, ...] = ()
    alias: Alias | None = None
    sightings: tuple[Sighting, ...] | None = None
    disagreements: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StatusReport:
    """All apps in all environments at `revision`; `now` is when it was asked. `offline` says that
    Git alone was; `unknown` what else could not be seen, and why."""

    revision: str
    now: datetime
    environments: tuple[str, ...]
    standings: tuple[Standing, ...]
    offline: bool = False
    unknown: tuple[str, ...] = ()
