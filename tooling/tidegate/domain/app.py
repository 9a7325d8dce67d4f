"""What is promoted (an App), where to (an Environment), and under which conditions (GateSpec)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from tidegate.domain.cluster import Cluster, RuleSetting
from tidegate.domain.control_plane import ControlPlane

if TYPE_CHECKING:
    from tidegate.domain.location import Location


class Direction(StrEnum):
    """Which way a metric gets better."""

    HIGHER = "higher"
    LOWER = "lower"


@dataclass(frozen=True, slots=True)
class Metric:
    """A metric of the model's run; `unit` is for people only."""

    name: str
    direction: Direction
    unit: str | None = None


@dataclass(frozen=True, slots=True)
class GateSpec:
    """A gate with its settings, as written in a file, at `where` and under the key `path`.
    `environments` is empty for all of them."""

    gate: str
    settings: Mapping[str, Any]
    where: Location
    environments: tuple[str, ...] = ()
    path: str = "gates"

    @property
    def metric(self) -> str | None:
        """The metric that the gate is about, where it names one."""
        value = self.settings.get("metric")
        return value if isinstance(value, str) else None

    @property
    def key(self) -> str:
        """What makes two settings the same gate: its kind and its metric."""
        return f"{self.gate}:{self.metric}" if self.metric else self.gate


@dataclass(frozen=True, slots=True)
class App:
    """A model deployment. `image` is the `name` of its entry under `images:` in the overlays;
    `image_tag` the version tag in the model registry that holds `registry/repository:tag`."""

    name: str
    model: str
    image: str
    metrics: tuple[Metric, ...]
    owners: tuple[str, ...]
    labels: Mapping[str, str] = field(default_factory=dict)
    image_tag: str = "tidegate.image"
    gates: tuple[GateSpec, ...] = ()

    def metric(self, name: str) -> Metric | None:
        """The metric of that name."""
        return next((metric for metric in self.metrics if metric.name == name), None)


class MergeMethod(StrEnum):
    """What a merge leaves on the base: a merge commit, one new commit, or the commits again."""

    MERGE = "merge"
    SQUASH = "squash"
    REBASE = "rebase"


class Delivery(StrEnum):
    """How what is decided gets to the branch that Argo CD follows."""

    COMMIT = "commit"
    PULL_REQUEST = "pull-request"


@dataclass(frozen=True, slots=True)
class Reviewing:
    """How pull requests of an environment are opened. `direct` says whether promotions may go
    without one when somebody asks for that; `statuses` must say yes before `merge` merges."""

    reviewers: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    draft: bool = False
    auto_merge: MergeMethod | None = None
    direct: bool = False
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Environment:
    """A place where releases run. It promotes from an alias of the model registry or from
    another environment: exactly one of `alias` and `previous` is set. A waiver's end may be at most
    `waiver_days` away here; `argocd` is what this environment's file says of it."""

    name: str
    alias: str | None
    previous: str | None
    gates: tuple[GateSpec, ...] = ()
    cluster: Cluster = field(default_factory=Cluster)
    rules: tuple[RuleSetting, ...] = ()
    waiver_days: int = 90
    argocd: ControlPlane = field(default_factory=ControlPlane)
    delivery: Delivery = Delivery.COMMIT
    reviewing: Reviewing = field(default_factory=Reviewing)
