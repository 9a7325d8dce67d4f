"""Whether what Git wants is what runs: what is waited for, what was seen, and what that means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tidegate.domain.application import Application, Pod
from tidegate.domain.source import Origin


class Relation(StrEnum):
    """How a commit that Argo CD compared with stands to the one that is waited for."""

    OURS = "ours"  # ours or a later one, which still carries our digest
    OTHER = "other"  # a later one, which carries another digest
    BEFORE = "before"  # ours is not in its history
    UNKNOWN = "unknown"  # Git knows no such commit


@dataclass(frozen=True, slots=True)
class Lineage:
    """Git's word about `revision`. Where it carries another digest, `commit` is the one that
    brought it, `version` the model's there, and `author` whoever made it."""

    revision: str
    relation: Relation
    commit: str | None = None
    version: str | None = None
    author: str | None = None


@dataclass(frozen=True, slots=True)
class Goal:
    """What is waited for: a commit, and the image that it brought under its digest; `folder` is
    the overlay that has it, empty where any may; `origin` where that lies, where that is known."""

    revision: str
    image: str
    digest: str
    folder: str = ""
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """Why no sync may begin now, in words for people, and when one may; None where nobody knows."""

    reason: str
    until: datetime | None = None


class Look(StrEnum):
    """What else would tell more about an Application that isn't live yet."""

    REFRESH = "refresh"
    PODS = "pods"
    MANAGED = "managed"
    WINDOWS = "windows"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the objects in the cluster that carry our digest say: `idle`, that they want no pods
    now; `refused`, a line for each that can't make the pods it wants."""

    idle: bool = False
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Observation:
    """Everything that is known of one Application at one moment.

    `refreshed` is the time of Argo CD's comparison when it answered our own refresh, by its
    clock; None while it hasn't. `asked` is the mark of a sync that we asked for and that hasn't
    ended yet. `pods` is None where nobody looked; `barred` why no sync may begin; `tried` that what
    the last sync applied carries our digest too, where it was of another commit than Argo CD is at;
    `halved` that somebody synced single objects, and no whole sync that brought our digest has
    succeeded.
    """

    application: Application
    goal: Goal
    lineage: Lineage
    refreshed: datetime | None
    asked: str | None = None
    pods: tuple[Pod, ...] | None = None
    standing: Standing = Standing()
    barred: Bar | None = None
    tried: bool = False
    halved: bool = False


class Live(StrEnum):
    """What is known of an Application, and how waiting for it ends."""

    LIVE = "live"
    WAITING = "waiting"
    FAILED = "failed"  # the sync failed, or there is nothing that could be synced
    DEGRADED = "degraded"
    SUSPENDED = "suspended"  # a rollout that somebody has to resume
    SUPERSEDED = "superseded"  # a later commit carries another digest
    BLOCKED = "blocked"  # a sync window is closed
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"  # nothing could be seen


@dataclass(frozen=True, slots=True)
class LiveState:
    """A judgement and its reason, in words for people; `details` are objects that aren't ready.

    `sure` says that no later event can change it for the better; `proven` how many seconds, by
    Argo CD's own clock, it has been healthy at least; `running` of how many pods how many run our
    image; `stuck` that pods of ours were seen that can't start; `unrendered` that what ran before
    runs on, for nobody could render what Git wants; `until` when it may go on, where it is
    blocked; `wants` what would tell more.
    """

    kind: Live
    reason: str
    details: tuple[str, ...] = ()
    sure: bool = False
    proven: float = 0.0
    running: tuple[int, int] | None = None
    stuck: bool = False
    unrendered: bool = False
    successor: Lineage | None = None
    until: datetime | None = None
    wants: frozenset[Look] = frozenset()


# The gravest first: what counts of several.
GRAVITY = (
    *(Live.SUPERSEDED, Live.FAILED, Live.DEGRADED, Live.BLOCKED, Live.SUSPENDED),
    *(Live.UNKNOWN, Live.TIMED_OUT, Live.WAITING, Live.LIVE),
)
