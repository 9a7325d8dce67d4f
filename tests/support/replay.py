"""A double of Argo CD's Applications that replays events, on a clock that only it moves.

Each event is (seconds since the beginning, Application or None for one that goes). Between them
a watch says nothing once a second, as the port promises.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tidegate.domain.application import (
    Application,
    ApplicationEvent,
    ApplicationName,
    Change,
    ClusterEvent,
    ManagedResource,
    Pod,
    SyncRefused,
    SyncRequest,
    SyncWindows,
)
from tidegate.domain.sync import ClusterEnding
from tidegate.errors import NotFound, TidegateError

Event = tuple[float, Application]


@dataclass
class Replay:
    """`story` has them in the order of their times; `lost` is raised by the watch at that second. A
    refresh is answered with what the next event after it will tell, unless it is `silent`."""

    story: Sequence[Event]
    time: float = 600.0
    lost: tuple[float, TidegateError] | None = None
    silent: TidegateError | None = None
    pods_there: Mapping[ApplicationName, Sequence[Pod]] = field(default_factory=dict)
    managed_there: Sequence[ManagedResource] = ()
    windows_there: SyncWindows = field(default_factory=lambda: SyncWindows(True))
    happenings: Sequence[ClusterEvent] = ()
    now: float = 0.0
    refreshes: list[float] = field(default_factory=list)
    place: str = "https://argocd.example.com"

    def remaining(self) -> float:
        """What the flow takes for the time that is left."""
        return self.time - self.now

    def version(self) -> str:
        return "v3.5.1"

    def list(
        self,
        *,
        project: str | None = None,
        selector: Mapping[str, str] | None = None,
    ) -> Sequence[Application]:
        found = {a.name: a for t, a in reversed(self.story) if t <= 0}
        return [a for a in found.values() if _chosen(a, selector)]

    def get(self, name: ApplicationName, *, refresh: bool = False) -> Application:
        if refresh:
            self.refreshes.append(self.now)
            if self.silent:
                raise self.silent
        known = [(t, a) for t, a in self.story if a.name == name]
        past = [a for t, a in known if t <= self.now]
        if not past:
            raise NotFound(f"there is no Application {name.name}")
        return past[-1]

    def sync(self, name: ApplicationName, request: SyncRequest) -> Application | SyncRefused:
        raise AssertionError("nobody should ask for a sync")

    def terminate(self, name: ApplicationName) -> None:
        raise AssertionError("nobody should end a sync")

    def pods(self, name: ApplicationName) -> Sequence[Pod]:
        return self.pods_there.get(name, ())

    def managed(self, name: ApplicationName) -> Sequence[ManagedResource]:
        return self.managed_there

    def windows(self, name: ApplicationName) -> SyncWindows:
        return self.windows_there

    def events(self, name: ApplicationName, pod: Pod | None = None) -> Sequence[ClusterEvent]:
        return self.happenings

    def watch(
        self,
        *,
        project: str | None = None,
        selector: Mapping[str, str] | None = None,
    ) -> Iterator[ApplicationEvent | None]:
        for application in self.list(selector=selector):
            yield ApplicationEvent(Change.ADDED, application)
        later = [(t, a) for t, a in self.story if t > 0 and _chosen(a, selector)]
        while True:
            if self.lost and self.now >= self.lost[0]:
                raise self.lost[1]
            if later and later[0][0] <= self.now + 1:
                self.now, application = later.pop(0)
                change = Change.DELETED if application.deleting else Change.MODIFIED
                yield ApplicationEvent(change, application)
            else:
                self.now += 1
                yield None


class Prompt:
    """Answers each question before it is asked for the answer (see `flows.looks.Looks`)."""

    def __init__(self) -> None:
        self._answers: list[tuple[Hashable, object]] = []

    def ask(self, key: Hashable, question: Callable[[], object]) -> bool:
        try:
            self._answers.append((key, question()))
        except TidegateError as error:
            self._answers.append((key, error))
        return True

    def answers(self) -> Iterator[tuple[Hashable, object]]:
        found, self._answers = self._answers, []
        yield from found


@dataclass
class Told:
    """Keeps what a flow says on its way."""

    lines: list[tuple[str, str, str]] = field(default_factory=list)

    def __call__(self, app: str, cluster: ClusterEnding) -> None:
        self.lines.append((app, cluster.state.kind.value, cluster.state.reason))


def _chosen(application: Application, selector: Mapping[str, str] | None) -> bool:
    return all(application.labels.get(k) == v for k, v in (selector or {}).items())
