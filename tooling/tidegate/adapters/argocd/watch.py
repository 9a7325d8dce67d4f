"""The watch: one stream after the other, told as if it were a single one that loses nothing."""

from __future__ import annotations

import math
from collections.abc import Generator, Iterator

from tidegate.adapters.argocd import faults
from tidegate.adapters.argocd.address import Address
from tidegate.adapters.argocd.documents import identity
from tidegate.adapters.argocd.faults import Refused
from tidegate.adapters.argocd.fields import Fields, inner, number, parse, text
from tidegate.adapters.argocd.known import Known
from tidegate.adapters.argocd.listing import Documents, Listing
from tidegate.adapters.argocd.pace import Pace
from tidegate.adapters.argocd.selection import Selection
from tidegate.adapters.argocd.stream import Ended, Opened, Stream
from tidegate.adapters.token import Token
from tidegate.domain.application import ApplicationEvent, Change
from tidegate.domain.redaction import redact
from tidegate.domain.text import one_line
from tidegate.errors import OutsideError, TidegateError, Unreachable

Failure = TidegateError | Refused | None

# Argo CD sends a comment every 15 s; three that don't come mean that nobody is there any more.
_SILENCE_SECONDS = 45.0
_PATIENCE_SECONDS = 60.0
_FIRST_PAUSE = 0.5
# What lasted for so long was a connection, even if nothing came.
_PROVEN_SECONDS = 10.0
_LISTING_SECONDS = 60.0
_SETTLING_SECONDS = 4.0
# More than half of every frame, and nothing that we read.
_LEFT_OUT = "-" + ",".join(
    f"result.application.{field}"
    for field in (
        *("metadata.managedFields", "status.history", "status.sync.comparedTo"),
        "status.sourceHydrator",
    )
)


class Watch:
    """What `ports.Applications.watch` promises. `silence` and `patience` are seconds."""

    def __init__(
        self,
        address: Address,
        token: Token,
        place: str,
        selection: Selection,
        source: Documents,
        *,
        home: str,
        silence: float = _SILENCE_SECONDS,
        patience: float = _PATIENCE_SECONDS,
        pace: Pace | None = None,
    ) -> None:
        self._address, self._token, self._place = address, token, place
        self._selection, self._source = selection, source
        self._silence, self._patience, self._pace = silence, patience, pace or Pace()
        self._known = Known(home)
        self._listing: Listing | None = None
        self._connected = self._pace.time()
        self._list_at = math.inf

    def events(self) -> Iterator[ApplicationEvent | None]:
        """Never ends by itself. Raises OutsideError where Argo CD refuses or makes no sense, and
        Unreachable when there was no connection for `patience` seconds."""
        failures = 0
        while True:
            token, begun = self._token.current(), self._pace.time()
            stream = self._open(token)
            try:
                error = yield from self._follow(stream)
            finally:
                stream.close()
            self._raise_if_final(error, token)
            failures = 0 if self._connected > begun else failures + 1
            yield from self._pace.pause(_FIRST_PAUSE, failures)

    def _open(self, token: str) -> Stream:
        query = {**self._selection.query, "fields": _LEFT_OUT}
        return Stream(
            self._address.url("v1/stream/applications", query),
            # Server-sent events are kept alive; else a stream is silent when nothing happens.
            {"Authorization": f"Bearer {token}", "Accept": "text/event-stream"},
            verify=self._address.verify,
            silence=self._silence,
            refuse=lambda answer: faults.content(answer, self._place, token),
        )

    def _follow(self, stream: Stream) -> Generator[ApplicationEvent | None, None, Failure]:
        """Tells what comes until the connection ends; the failure that ended it."""
        opened: float | None = None
        while True:
            arrival = stream.next(self._pace.left())
            now = self._pace.time()
            if isinstance(arrival, Ended):
                return arrival.error
            if isinstance(arrival, Opened):
                opened, self._list_at = now, now + _SETTLING_SECONDS
            elif arrival is not None:
                try:
                    change, document = _content(arrival)
                except (Refused, Unreachable) as broken:
                    return broken
                self._connected = now
                yield from self._pace.tell(self._changes(change, document))
            elif opened is None:
                if now - self._connected > self._patience:
                    return Unreachable(f"{self._place} does not answer")
            elif now - opened > _PROVEN_SECONDS:
                self._connected = now
            yield from self._compare(now, quiet=arrival is None and opened is not None)
            yield from self._pace.tick()

    def _changes(self, change: str, document: Fields) -> Iterator[ApplicationEvent]:
        if change == Change.DELETED:
            return self._known.lose(identity(document))
        if change not in (Change.ADDED, Change.MODIFIED):
            return iter(())
        if not self._selection.holds(document):  # whatever the server takes for a selection
            return self._known.forget(identity(document))
        return self._known.see(document)

    def _compare(self, now: float, *, quiet: bool) -> Iterator[ApplicationEvent]:
        """Holds what was told against a listing: as soon as the stream has told what it repeats at
        its beginning, and now and then after that."""
        if self._listing is not None:
            if self._listing.done:
                listing, self._listing = self._listing, None
                yield from self._pace.tell(listing.merge(self._known))
        elif now >= self._list_at - (_SETTLING_SECONDS if quiet else 0.0):
            self._listing = Listing(self._source, self._selection, self._known.told())
            self._list_at = now + _LISTING_SECONDS

    def _raise_if_final(self, error: Failure, token: str) -> None:
        """Raises where another connection would end the same way, or enough were tried."""
        if isinstance(error, Refused):
            if error.code == faults.UNAUTHENTICATED and self._token.renewed(token) is not None:
                return
            if error.code in faults.PASSING:
                error = Unreachable(f"{self._place} failed: {error.message}")
            else:
                raise faults.error_of(error, self._place, "a watch of Applications")
        if error is not None and not isinstance(error, Unreachable):
            raise error
        if self._pace.time() - self._connected > self._patience:
            raise error or Unreachable(f"{self._place} ends every stream at once")


def _content(frame: bytes) -> tuple[str, Fields]:
    """What changed how. Raises Refused for an error that Argo CD tells on the stream, and
    Unreachable for what can't be read, as where a proxy cuts a frame short."""
    try:
        document = parse(frame, "a frame of the stream")
    except OutsideError as error:
        raise Unreachable(error.message) from None
    told = document.get("error")
    if told is not None:
        error_frame = inner(document, "error")
        code = number(error_frame, "grpc_code")
        raise Refused(code or faults.UNAVAILABLE, one_line(redact(text(error_frame, "message"))))
    result = inner(document, "result")
    return text(result, "type"), inner(result, "application")
