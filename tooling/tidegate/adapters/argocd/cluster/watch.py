"""The watch of Application objects: from a list on, and from a new list where it was lost."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping

from tidegate.adapters.argocd.cluster.api import ClusterApi, Gone
from tidegate.adapters.argocd.documents import identity
from tidegate.adapters.argocd.faults import Refused
from tidegate.adapters.argocd.fields import Fields, inner, items, number, parse, text
from tidegate.adapters.argocd.known import Known
from tidegate.adapters.argocd.pace import Pace
from tidegate.adapters.argocd.selection import Selection
from tidegate.adapters.argocd.stream import Ended, Stream
from tidegate.domain.application import ApplicationEvent, Change
from tidegate.errors import OutsideError, TidegateError, Unreachable

# The server ends a watch after so long, and there is always a bookmark before that.
_WATCH_SECONDS = 30
_SILENCE_SECONDS = 45.0
_PATIENCE_SECONDS = 60.0
_FIRST_PAUSE = 0.125
_PROVEN_SECONDS = 5.0


class ClusterWatch:
    """What `ports.Applications.watch` promises; `path` is that of the Application objects,
    `patience` is in seconds."""

    def __init__(
        self,
        api: ClusterApi,
        path: str,
        selection: Selection,
        *,
        home: str,
        patience: float = _PATIENCE_SECONDS,
        pace: Pace | None = None,
    ) -> None:
        self._api, self._path, self._selection = api, path, selection
        self._patience, self._pace = patience, pace or Pace()
        self._known = Known(home)
        self._version: str | None = None
        self._connected = self._pace.time()

    def events(self) -> Iterator[ApplicationEvent | None]:
        """Never ends by itself. Raises OutsideError where the server refuses or makes no sense,
        and Unreachable when it didn't answer for `patience` seconds."""
        failures = 0
        while True:
            failure: TidegateError | Refused | None
            begun = self._pace.time()
            try:
                if self._version is None:
                    yield from self._begin()
                failure = yield from self._follow()
            except (Unreachable, Gone) as error:
                failure = error
            if isinstance(failure, Gone):
                self._version = None
            elif isinstance(failure, Unreachable):
                if self._pace.time() - self._connected > self._patience:
                    raise failure
            elif failure is not None:
                raise failure
            lasted = failure is None and self._pace.time() - begun > _PROVEN_SECONDS
            failures = 0 if lasted else failures + 1
            yield from self._pace.pause(_FIRST_PAUSE, failures)

    def _begin(self) -> Iterator[ApplicationEvent]:
        """Lists; a list is never older than what was seen, so what isn't in it is gone."""
        query = {"labelSelector": self._selection.selector}
        listed = self._api.get(self._path, query)
        documents = [d for d in items(listed, "items") if self._selection.holds(d)]
        yield from self._pace.tell(self._known.lose_all_but({identity(d).uid for d in documents}))
        for document in documents:
            yield from self._pace.tell(self._known.see(document))
        self._version = text(inner(listed, "metadata"), "resourceVersion")
        self._connected = self._pace.time()

    def _follow(self) -> Generator[ApplicationEvent | None, None, TidegateError | Refused | None]:
        stream = self._api.stream(self._path, self._query(), _SILENCE_SECONDS)
        try:
            return (yield from self._read(stream))
        finally:
            stream.close()

    def _query(self) -> Mapping[str, str]:
        return {
            "watch": "1",
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(_WATCH_SECONDS),
            "resourceVersion": self._version or "",
            "labelSelector": self._selection.selector,
        }

    def _read(
        self, stream: Stream
    ) -> Generator[ApplicationEvent | None, None, TidegateError | Refused | None]:
        while True:
            arrival = stream.next(self._pace.left())
            if isinstance(arrival, Ended):
                return arrival.error
            if arrival is not None:
                self._connected = self._pace.time()
            if isinstance(arrival, bytes):
                try:
                    frame = parse(arrival, "a frame of the watch")
                except OutsideError as error:
                    return Unreachable(error.message)
                yield from self._pace.tell(
                    self._changes(text(frame, "type"), inner(frame, "object"))
                )
            yield from self._pace.tick()

    def _changes(self, change: str, document: Fields) -> Iterator[ApplicationEvent]:
        if change == "ERROR":
            raise self._api.error_of(
                number(document, "code"), text(document, "message"), self._path
            )
        self._version = text(inner(document, "metadata"), "resourceVersion") or self._version
        if change == "BOOKMARK":
            return iter(())
        # The server says DELETED also of what no longer has the labels.
        if change == Change.DELETED or not self._selection.holds(document):
            gone = inner(document, "metadata").get("deletionTimestamp") is not None
            seen = identity(document)
            return self._known.lose(seen) if gone else self._known.forget(seen)
        return self._known.see(document)

    def _tell(self, events: Iterator[ApplicationEvent]) -> Iterator[ApplicationEvent]:
        for event in events:
            self._yielded = self._pace.time()
            yield event
