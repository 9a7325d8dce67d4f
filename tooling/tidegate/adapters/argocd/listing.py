"""A look at everything beside the stream, in a thread of its own: for what the stream lost.

Argo CD lists before it subscribes, and drops events when too many wait; and no stream tells what
was deleted while nobody was connected."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

from tidegate.adapters.argocd.documents import Identity, identity
from tidegate.adapters.argocd.fields import Fields
from tidegate.adapters.argocd.known import Key, Known, Told
from tidegate.adapters.argocd.selection import Selection
from tidegate.domain.application import ApplicationEvent, ApplicationName
from tidegate.errors import NotFound, TidegateError


class Documents(Protocol):
    """Whoever can be asked for Applications' documents, whole."""

    def documents(self, selection: Selection) -> Sequence[Fields]:
        """The selected ones."""

    def document(self, name: ApplicationName) -> Fields:
        """One of them, never from a cache. Raises NotFound."""


class Listing:
    """Begins at once. What it finds is to be merged when it is `done`."""

    def __init__(self, source: Documents, selection: Selection, known: Mapping[Key, Told]) -> None:
        self._source, self._selection, self._before = source, selection, known
        self._found: list[Fields] = []
        self._gone: list[Identity] = []
        self._failed = False
        self._done = threading.Event()
        threading.Thread(target=self._run, name="argocd-listing", daemon=True).start()

    @property
    def done(self) -> bool:
        """Whether it has ended, with or without success."""
        return self._done.is_set()

    def merge(self, known: Known) -> Iterator[ApplicationEvent]:
        """What it has to tell; nothing where it failed."""
        if self._failed:
            return
        for gone in self._gone:
            yield from known.lose(gone)
        for document in self._found:
            if self._selection.holds(document):
                yield from known.see(document)
            else:
                yield from known.forget(identity(document))

    def _run(self) -> None:
        try:
            self._found.extend(self._source.documents(self._selection))
            there = {identity(document)[:2] for document in self._found}
            for key in self._before.keys() - there:
                # The list may be older than the stream, for it comes from a cache.
                self._look_at(self._before[key])
        except TidegateError:
            self._failed = True
        finally:
            self._done.set()

    def _look_at(self, told: Told) -> None:
        try:
            self._found.append(self._source.document(told.application.name))
        except NotFound:
            self._gone.append(told.identity)
