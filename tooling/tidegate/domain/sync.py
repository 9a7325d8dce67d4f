"""How waiting for the cluster ended."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tidegate.domain.app import App
from tidegate.domain.application import ApplicationName
from tidegate.domain.live import GRAVITY, Goal, Live, LiveState

APP_LABEL, ENVIRONMENT_LABEL = "tidegate.dev/app", "tidegate.dev/environment"

# What somebody can do about an ending, with the app and its environment for `{}`; docs/waiting.md
# says more.
_BACK = "`tidegate rollback {} --reason TEXT`"
_AGAIN = "`tidegate wait {}`"
ADVICE: Mapping[Live, str] = {
    Live.FAILED: f"mend it with a new commit, or go back: {_BACK}",
    Live.DEGRADED: f"see the objects above; mend it with a new commit, or go back: {_BACK}",
    Live.SUSPENDED: f"resume the rollout, or abort it; then {_AGAIN}",
    Live.SUPERSEDED: "nothing, or look at the commit that came after: `tidegate history {}`",
    Live.BLOCKED: f"wait until the window opens, then {_AGAIN}",
    Live.TIMED_OUT: f"wait on: {_AGAIN}, or go back: {_BACK}",
    Live.UNKNOWN: "what runs is not known: mend what is named, or see whether Argo CD is well; "
    f"then {_AGAIN}",
}


@dataclass(frozen=True, slots=True)
class Aim:
    """An app whose release is waited for; `version` is its model's."""

    app: App
    model: str
    version: str
    goal: Goal


@dataclass(frozen=True, slots=True)
class ClusterEnding:
    """One Application. `revision` is where Argo CD was last seen, `destination` the cluster;
    `operation` the phase of the last sync."""

    name: ApplicationName
    destination: str
    revision: str
    state: LiveState


@dataclass(frozen=True, slots=True)
class AppEnding:
    """An app on all its clusters, after so many seconds. `notes` are remarks, such as that the
    registry's alias has moved."""

    aim: Aim
    state: LiveState
    clusters: tuple[ClusterEnding, ...]
    seconds: float
    notes: tuple[str, ...] = ()

    def advice(self, environment: str) -> str | None:
        """What to do about it."""
        words = ADVICE.get(self.state.kind)
        return words and words.replace("{}", f"{self.aim.app.name} --env {environment}")


@dataclass(frozen=True, slots=True)
class SyncReport:
    """What `wait`, `sync` or `promote --wait` came to. With `waited` false nothing but the
    request counts. `warnings` are about what comes after: the registry's aliases."""

    environment: str
    place: str
    apps: tuple[AppEnding, ...]
    waited: bool = True
    warnings: tuple[str, ...] = field(default=())

    @property
    def outcome(self) -> Live:
        """The gravest of all."""
        return min((app.state.kind for app in self.apps), key=GRAVITY.index, default=Live.LIVE)

    @property
    def exit_code(self) -> int:
        """0 live, 1 where nothing worse than a closed sync window stands in the way, else 3."""
        return exit_code((app.state.kind for app in self.apps), waited=self.waited)


def exit_code(kinds: Iterable[Live], *, waited: bool = True) -> int:
    """The exit code of several endings."""
    fine = {Live.LIVE} if waited else {Live.LIVE, Live.WAITING}
    bad = {kind for kind in kinds if kind not in fine}
    if not bad:
        return 0
    return 1 if bad == {Live.BLOCKED} else 3
