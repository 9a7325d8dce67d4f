"""`status --watch`: the same report again whenever something of it changes.

Argo CD tells its changes on streams. Git and the registry are looked at beside them every few
seconds, and at once when Argo CD shows a commit that wasn't known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from queue import Empty, SimpleQueue
from threading import Thread

from tidegate.domain.application import Application, ApplicationEvent, ApplicationName, Change
from tidegate.domain.standing import StatusReport
from tidegate.errors import TidegateError
from tidegate.flows.looks import Looks
from tidegate.flows.outlook import Outlook, Source, blind_spot, by_place, find_sources, look_out
from tidegate.flows.status import Ground, StatusRequest, lay_over, read_ground
from tidegate.ports import Connections, Progress

_LOOK_SECONDS = 15.0
_FIRST_SECONDS = 15.0
_TICK_SECONDS = 0.5
# After a stream that failed, before it is tried again.
_PAUSE_SECONDS = 5.0
# What is left of the time is for the report.
_MARGIN = 1.0


def watch(
    request: StatusRequest, connections: Connections, progress: Progress
) -> Iterator[StatusReport]:
    """The status now, and again whenever it changes, until the time is over. Raises InputError,
    and OutsideError where the branch can't be fetched at first."""
    ground = read_ground(request, connections, progress)
    progress("asking the model registry and Argo CD")
    following = _Following(request, ground, connections)
    following.begin()
    latest = following.report()
    yield latest
    while connections.remaining() > _MARGIN:
        following.wait()
        report = following.report()
        if replace(latest, now=report.now) != report:
            latest = report
            yield report


class _Feed:
    """One Argo CD's Applications, as its list and then its stream tell them; None before that,
    and after an `error`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.applications: dict[ApplicationName, Application] | None = None
        self.error: TidegateError | None = None

    @property
    def has_spoken(self) -> bool:
        """Whether anything is known of it."""
        return self.applications is not None or self.error is not None

    def read(self, news: SimpleQueue[_News], wait: Callable[[float], None]) -> None:
        """Never ends: what fails is told, and begun anew."""
        while True:
            try:
                news.put((self, self.source.list()))
                for event in self.source.watch():
                    if event is not None:
                        news.put((self, event))
            except TidegateError as error:
                news.put((self, error))
            wait(_PAUSE_SECONDS)

    def take(self, told: _Told) -> None:
        """What was told comes to count."""
        if isinstance(told, TidegateError):
            self.applications, self.error = None, told
        elif not isinstance(told, ApplicationEvent):
            self.applications, self.error = {item.name: item for item in told}, None
        elif self.applications is not None:
            self.applications[told.application.name] = told.application
            if told.change is Change.DELETED:
                del self.applications[told.application.name]


_Told = ApplicationEvent | TidegateError | Sequence[Application]
_News = tuple[_Feed, _Told]


class _Following:
    """All that is known by now."""

    def __init__(self, request: StatusRequest, ground: Ground, connections: Connections) -> None:
        self._request, self._ground, self._connections = request, ground, connections
        self._feeds: list[_Feed] = []
        self._nowhere: list[str] = []
        self._news: SimpleQueue[_News] = SimpleQueue()
        self._looks: Looks[str] = Looks()
        self._looked = connections.remaining()
        self._revisions = {ground.report.revision}
        self._aliases = Outlook()
        self._trouble: TidegateError | None = None

    def begin(self) -> None:
        """Waits for the first word of each, but not for long."""
        self._feed()
        self._aliases = self._look_for_aliases(self._ground)
        until = self._connections.remaining() - _FIRST_SECONDS
        while not all(feed.has_spoken for feed in self._feeds):
            if self._connections.remaining() < max(until, _MARGIN):
                return
            self._collect()

    def report(self) -> StatusReport:
        """How everything is."""
        seeing = [feed for feed in self._feeds if feed.applications is not None]
        places = [name for feed in seeing for name in feed.source.projects]
        found = [item for feed in seeing for item in (feed.applications or {}).values()]
        unknown = [*self._nowhere, *self._aliases.unknown]
        for feed in self._feeds:
            if feed.error is not None:
                unknown.append(blind_spot(feed.source.projects, feed.error))
        if self._trouble is not None:
            unknown.append(f"whether Git has changed: {self._trouble.message}")
        outlook = replace(
            self._aliases,
            applications=by_place(found),
            seen=frozenset(places),
            unknown=tuple(unknown),
        )
        return lay_over(self._ground, outlook)

    def wait(self) -> None:
        """Until there is news, but not for long."""
        self._collect()
        for _, answer in self._looks.answers():
            self._trouble = answer if isinstance(answer, TidegateError) else None
            if isinstance(answer, tuple):
                self._ground, self._aliases = answer
                self._feed()
        now = self._connections.remaining()
        unheard = self._revisions_shown() - self._revisions
        if unheard or self._looked - now >= _LOOK_SECONDS:
            self._revisions |= unheard
            self._looked = now
            self._looks.ask("everything", self._look_again)

    def _feed(self) -> None:
        """Reads what isn't read yet: an environment may have got its first release."""
        known = {name for feed in self._feeds for name in feed.source.projects}
        ground = self._ground
        sources, self._nowhere = find_sources(
            ground.report, ground.configuration, self._connections
        )
        for source in sources:
            fresh = {name: p for name, p in source.projects.items() if name not in known}
            if fresh:
                feed = _Feed(replace(source, projects=fresh))
                self._feeds.append(feed)
                arguments = (self._news, self._connections.wait)
                Thread(target=feed.read, args=arguments, daemon=True).start()

    def _collect(self) -> None:
        """Takes all news that there are; waits a moment for the first."""
        pause = _TICK_SECONDS
        try:
            while True:
                feed, told = self._news.get(timeout=pause)
                feed.take(told)
                pause = 0.0
        except Empty:
            return

    def _revisions_shown(self) -> set[str]:
        feeds = (feed.applications or {} for feed in self._feeds)
        return {item.revision for items in feeds for item in items.values()}

    def _look_again(self) -> tuple[Ground, Outlook]:
        ground = read_ground(self._request, self._connections, lambda text: None)  # noqa: ARG005
        return ground, self._look_for_aliases(ground)

    def _look_for_aliases(self, ground: Ground) -> Outlook:
        settings = ground.configuration.settings
        return look_out(ground.report, settings, (), self._connections)
