"""Everything that files say about how promotions are decided, parsed once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from tidegate.domain.control_plane import ControlPlane
from tidegate.domain.provider import Provider

if TYPE_CHECKING:
    from tidegate.domain.app import App, Environment, GateSpec


@dataclass(frozen=True, slots=True)
class Settings:
    """tidegate.yaml. Timeouts are in seconds; `mirrors` maps a registry's host to a folder of
    OCI layouts, relative to the repository's root; None means: not said."""

    remote: str | None = None
    branch: str | None = None
    registry_uri: str | None = None
    registry_timeout: float = 10.0
    mirrors: Mapping[str, str] = field(default_factory=dict)
    plain_http: frozenset[str] = frozenset()
    scanner_offline: bool = False
    scanner_timeout: float = 300.0
    argocd: ControlPlane = field(default_factory=ControlPlane)
    provider: Provider = field(default_factory=Provider)


@dataclass(frozen=True, slots=True)
class Configuration:
    """All settings, apps and environments of one Snapshot, each held against the others."""

    settings: Settings
    apps: Mapping[str, App]
    environments: Mapping[str, Environment]

    def gates(self, app: App, environment: Environment) -> tuple[GateSpec, ...]:
        """The gates that judge this app here: the environment's, with the app's own laid over
        those of the same kind and metric, and added after them.

        In each of the two, what is said of one metric or for some environments counts more than
        what is said of all, wherever in the file it stands.
        """
        own = [g for g in app.gates if not g.environments or environment.name in g.environments]
        merged: dict[str, GateSpec] = {}
        for layer in (environment.gates, own):
            singles = [pair for spec in layer for pair in _one_a_metric(spec, app)]
            chosen: dict[str, tuple[int, GateSpec]] = {}
            for weight, single in singles:
                if single.key not in chosen or weight >= chosen[single.key][0]:
                    chosen[single.key] = (weight, single)
            merged.update({key: single for key, (_, single) in chosen.items()})
        return tuple(merged.values())

    def control_plane(self, environment: str) -> ControlPlane:
        """Where the Argo CD of an environment is: what its own file says counts first."""
        own = self.environments[environment].argocd
        return own.over(self.settings.argocd).over(ControlPlane(project=environment))

    def chain(self, environment: str) -> tuple[str, ...]:
        """The environments that come before this one, nearest first."""
        names: list[str] = []
        previous = self.environments[environment].previous
        while previous is not None:
            names.append(previous)
            previous = self.environments[previous].previous
        return tuple(names)

    def in_order(self) -> tuple[Environment, ...]:
        """The environments, each after the one that it promotes from."""
        return tuple(
            sorted(self.environments.values(), key=lambda e: (len(self.chain(e.name)), e.name))
        )


def _one_a_metric(spec: GateSpec, app: App) -> list[tuple[int, GateSpec]]:
    """A champion gate that names no metric stands for one a metric of the app. With each comes
    how particular it is: a metric counts more than an environment."""
    scoped = 1 if spec.environments else 0
    if spec.gate != "champion" or spec.metric:
        return [(2 + scoped, spec)]
    return [
        (scoped, replace(spec, settings={**spec.settings, "metric": metric.name}))
        for metric in app.metrics
    ]
