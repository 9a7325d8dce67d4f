"""What a watch has told so far: after a reconnection it tells what is new, and all of that."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from tidegate.adapters.argocd.documents import Identity, application, identity
from tidegate.adapters.argocd.fields import Fields
from tidegate.domain.application import Application, ApplicationEvent, Change

Key = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Told:
    """The state of an Application that was told last."""

    identity: Identity
    application: Application


class Known:
    """Compares by uid and resourceVersion. Streams repeat everything when they begin, and may show
    what is older than what was seen: from another replica, or from before a listing."""

    def __init__(self, home: str) -> None:
        """`home` is Argo CD's own namespace."""
        self._home = home
        self._told: dict[Key, Told] = {}
        self._deleted: set[str] = set()

    def told(self) -> Mapping[Key, Told]:
        """What was told last of each that is there, as it is now."""
        return dict(self._told)

    def see(self, document: Fields) -> Iterator[ApplicationEvent]:
        """What an Application's document has to tell that wasn't told. Raises OutsideError for one
        that makes no sense."""
        seen = identity(document)
        key = seen.namespace, seen.name
        told = self._told.get(key)
        if seen.uid in self._deleted:
            return
        if told is not None and told.identity.uid == seen.uid:
            if not _is_newer(seen.version, told.identity.version):
                return
            change = Change.MODIFIED
        else:
            change = Change.ADDED
        now = application(document, self._home)
        if told is not None and change is Change.ADDED:  # deleted, and made again
            yield self._lose(key, told)
        self._told[key] = Told(seen, now)
        yield ApplicationEvent(change, now)

    def lose(self, seen: Identity) -> Iterator[ApplicationEvent]:
        """What there is to tell when an Application is gone."""
        key = seen.namespace, seen.name
        told = self._told.get(key)
        if told is not None and told.identity.uid == seen.uid:
            yield self._lose(key, told)

    def forget(self, seen: Identity) -> Iterator[ApplicationEvent]:
        """The same for one that is still there, but not among those that are watched."""
        key = seen.namespace, seen.name
        told = self._told.get(key)
        if told is not None and told.identity.uid == seen.uid:
            del self._told[key]
            yield ApplicationEvent(Change.DELETED, told.application)

    def lose_all_but(self, there: Collection[str]) -> Iterator[ApplicationEvent]:
        """What there is to tell when a listing that can't be old has only these uids."""
        for told in list(self._told.values()):
            if told.identity.uid not in there:
                yield from self.lose(told.identity)

    def _lose(self, key: Key, told: Told) -> ApplicationEvent:
        # An object's uid is never used again: whatever still comes of this one is old.
        self._deleted.add(told.identity.uid)
        del self._told[key]
        return ApplicationEvent(Change.DELETED, told.application)


def _is_newer(version: str, than: str) -> bool:
    """Versions of one object are numbers that grow, though the API only promises that they
    differ."""
    if version.isascii() and than.isascii() and version.isdigit() and than.isdigit():
        return (len(version), version) > (len(than), than)
    return version != than
