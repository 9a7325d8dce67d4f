"""Watches Applications on one stream until each has ended: live, or why not.

Nothing that can't be seen is taken for a failure, and whatever happens it ends in time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tidegate.delivery.settling import Patience, together
from tidegate.delivery.standing import stand
from tidegate.delivery.sync_windows import find_bar
from tidegate.domain.application import (
    Application,
    ApplicationEvent,
    ApplicationName,
    Change,
    Pod,
    SyncWindows,
)
from tidegate.domain.live import Live, LiveState, Look, Standing
from tidegate.domain.sync import APP_LABEL, ENVIRONMENT_LABEL, Aim, AppEnding
from tidegate.errors import TidegateError, Unreachable
from tidegate.flows.lineage import Lineages, is_halved, was_tried
from tidegate.flows.looks import Looking, Looks
from tidegate.flows.sight import Sight
from tidegate.ports import Applications, Watching

# An ApplicationSet looks at Git every three minutes; one that isn't there later never comes.
_APPEARS_SECONDS = 200.0
_EXPLAINED = 2
_WAITS = ("Pending", "SchedulingGated", "ContainerCreating", "Init")
# What is left of the time is for the report.
_MARGIN = 1.0
_Key = tuple[ApplicationName, Look]

NOT_THERE = "no Application has its labels; docs/going-live.md says how Argo CD gets to know it"


class Convergence:
    """One environment's apps on their way. `remaining` has the seconds that are left, and is
    the clock; `date` only tells when windows open."""

    def __init__(
        self,
        environment: str,
        aims: Sequence[Aim],
        applications: Applications,
        ancestry: Lineages,
        *,
        project: str | None = None,
        remaining: Callable[[], float],
        date: Callable[[], datetime],
        watching: Watching,
        patience: Patience,
        looks: Looking[_Key] | None = None,
    ) -> None:
        self._environment = environment
        self._aims = {aim.app.name: aim for aim in aims}
        self._applications = applications
        self._ancestry = ancestry
        self._project = project
        self._remaining = remaining
        self._date = date
        self._watching = watching
        self._patience = patience
        self._began = self._clock()
        self._sights: dict[ApplicationName, Sight] = {}
        self._marks: Mapping[ApplicationName, str] = {}
        self._looks: Looking[_Key] = looks or Looks()
        self._asked: dict[_Key, float] = {}
        self._ended: dict[str, float] = {}
        self._absent = NOT_THERE

    def run(self, marks: Mapping[ApplicationName, str] | None = None) -> tuple[AppEnding, ...]:
        """Each app's ending, in the order of the aims; `marks` are those of the syncs that were
        asked for. Never raises what is outside's fault."""
        self._marks = marks or {}
        try:
            self._list()
            self._watch()
        except TidegateError as error:
            self._lose(error)
        return tuple(self._ending(aim) for aim in self._aims.values())

    def _list(self) -> None:
        """Meets those that are there, so that they can be asked for at once. Where nobody answers
        now, the watch has more patience, and tells of them too."""
        try:
            for found in self._applications.list(project=self._project, selector=self._selector):
                self._meet(found)
        except Unreachable as error:
            self._absent = _unseen(error)

    def _clock(self) -> float:
        return -self._remaining()

    @property
    def _selector(self) -> dict[str, str]:
        names = list(self._aims)
        one = {APP_LABEL: names[0]} if len(names) == 1 else {}
        return {ENVIRONMENT_LABEL: self._environment, **one}

    def _meet(self, application: Application) -> Sight | None:
        """The sight of an Application that is one of ours."""
        labels = application.labels
        aim = self._aims.get(labels.get(APP_LABEL, ""))
        if aim is None or labels.get(ENVIRONMENT_LABEL) != self._environment:
            return None
        if application.name not in self._sights:
            sight = Sight(application.name, aim, self._clock(), self._patience)
            sight.asked = self._marks.get(application.name)
            self._sights[application.name] = sight
        return self._sights[application.name]

    def _watch(self) -> None:
        self._ask()
        stream = self._applications.watch(project=self._project, selector=self._selector)
        for event in stream:
            if event is not None:
                self._take(event)
            self._collect()
            # Every event is judged at once, and all others each second: time passes for them.
            self._judge(None if event is None else event.application.name)
            self._ask()
            if self._over():
                return

    def _take(self, event: ApplicationEvent) -> None:
        sight = self._meet(event.application)
        if sight is None:
            return
        sight.see(event.application, self._clock())
        if event.change is Change.DELETED:
            if not self._is_done(sight):
                sight.ending = None
            sight.end(LiveState(Live.UNKNOWN, "the Application was deleted", sure=True))

    def _judge(self, name: ApplicationName | None) -> None:
        chosen = self._sights.values() if name is None else [self._sights.get(name)]
        for sight in list(chosen):
            if sight is None or sight.application is None or self._is_done(sight):
                continue
            lineage = self._ancestry.of(sight.application.revision, sight.aim)
            sight.tried = was_tried(sight.application, lineage, sight.aim, self._ancestry)
            whole = sight.whole
            sight.halved = whole is not None and is_halved(whole, sight.aim, self._ancestry)
            open_before = sight.ending is None
            news = sight.judge(lineage, self._clock())
            if news or open_before != (sight.ending is None):
                self._watching(sight.aim.app.name, sight.report())

    def _is_done(self, sight: Sight) -> bool:
        """Where one cluster is live, and another isn't yet, it has to stay so."""
        return sight.ending is not None and (
            sight.ending.kind is not Live.LIVE or sight.aim.app.name in self._ended
        )

    def _ask(self) -> None:
        now = self._clock()
        for sight in self._sights.values():
            if sight.ending is not None:
                continue
            for look in sight.wanted(now):
                key = (sight.name, look)
                if self._looks.ask(key, self._question(sight, look)):
                    self._asked[key] = now
                    sight.asks(look, now)

    def _question(self, sight: Sight, look: Look) -> Callable[[], object]:
        source, name, digest = self._applications, sight.name, sight.aim.goal.digest
        return {
            Look.REFRESH: lambda: source.get(name, refresh=True),
            Look.PODS: lambda: explained_pods(source, name),
            Look.MANAGED: lambda: stand(source.managed(name), digest),
            Look.WINDOWS: lambda: source.windows(name),
        }[look]

    def _collect(self) -> None:
        for (name, look), answer in self._looks.answers():
            sight, now = self._sights[name], self._clock()
            if isinstance(answer, TidegateError):
                sight.fail(answer.message)
            elif isinstance(answer, Application):
                sight.see_refreshed(answer, self._asked[name, look], now)
            elif isinstance(answer, SyncWindows):
                sight.barred = find_bar(answer, self._date(), asked=sight.asked is not None)
            elif isinstance(answer, Standing):
                sight.standing = answer
            elif isinstance(answer, tuple):
                sight.pods = answer
            self._judge(name)

    def _over(self) -> bool:
        now = self._clock()
        for name in self._aims:
            if name not in self._ended and self._has_ended(name, now):
                self._ended[name] = now
        if len(self._ended) == len(self._aims):
            return True
        if self._remaining() > _MARGIN:
            return False
        for sight in self._sights.values():
            sight.time_out(now, f"{now - self._began:.0f} s")
        return True

    def _has_ended(self, app: str, now: float) -> bool:
        sights = self._of(app)
        if not sights:
            return now - self._began >= _APPEARS_SECONDS
        endings = [sight.ending for sight in sights]
        # Where one cluster has failed the app can't become live any more.
        return all(endings) or any(e and e.kind is not Live.LIVE for e in endings)

    def _lose(self, error: TidegateError) -> None:
        """The watch is over before its time: what has not ended is unknown."""
        for sight in self._sights.values():
            sight.end(LiveState(Live.UNKNOWN, f"nothing can be seen any more: {error.message}"))
        self._absent = _unseen(error)

    def _of(self, app: str) -> list[Sight]:
        return [sight for sight in self._sights.values() if sight.aim.app.name == app]

    def _ending(self, aim: Aim) -> AppEnding:
        sights = sorted(self._of(aim.app.name), key=lambda sight: sight.name)
        clusters = tuple(sight.report() for sight in sights)
        state = LiveState(Live.UNKNOWN, self._absent)
        if clusters:
            state = together(cluster.state for cluster in clusters)
        seconds = self._ended.get(aim.app.name, self._clock()) - self._began
        return AppEnding(aim, state, clusters, seconds)


def _unseen(error: TidegateError) -> str:
    return f"nothing could be seen of it: {error.message}"


def explained_pods(source: Applications, name: ApplicationName) -> tuple[Pod, ...]:
    """An Application's pods; the first of those that wait say what for, as Kubernetes' events
    have it. Raises OutsideError."""
    pods = list(source.pods(name))
    waiting = [n for n, pod in enumerate(pods) if pod.reason.startswith(_WAITS)][:_EXPLAINED]
    for number in waiting:
        pod = pods[number]
        warnings = [e for e in source.events(name, pod) if e.type == "Warning"]
        if warnings:
            words = f"{warnings[-1].reason}: {warnings[-1].message}"
            pods[number] = replace(pod, health=replace(pod.health, message=words))
    return tuple(pods)
