"""Which version of an app's model an image is, as its releases have it, today's and the past's."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tidegate.domain.commit import Commit
from tidegate.domain.release import Release
from tidegate.errors import TidegateError
from tidegate.ports import Repository
from tidegate.repository.layout import ENVIRONMENTS
from tidegate.repository.release import parse_release

# Nobody runs what is older than so many releases of an app, and reading takes time.
_RELEASES = 200


class Versions:
    """The releases that `commits` brought, newest first, each read when it is first needed."""

    def __init__(self, repository: Repository, commits: Sequence[Commit]) -> None:
        self._repository = repository
        self._records: dict[str, dict[str, str]] = {}
        for commit in commits:
            for path, blob in commit.blobs.items():
                if blob is not None and path.startswith(f"{ENVIRONMENTS}/"):
                    self._records.setdefault(path.split("/")[2], {})[blob] = path
        self._known: dict[str, dict[str, str]] = {}
        self._read: set[str] = set()

    def of(self, app: str) -> Mapping[str, str]:
        """The versions that are known of an app, by their images' digests."""
        return self._known.get(app, {})

    def add(self, release: Release) -> None:
        """A release that was read elsewhere, and the one that it replaced."""
        for item in (release.previous, release):
            if item is not None and item.image.digest:
                self._known.setdefault(release.app, {})[item.image.digest] = item.version

    def learn(self, digests: Mapping[str, set[str]]) -> None:
        """Looks for digests that aren't known yet, by app: all of them at once. Those that no
        release had stay unknown; so they do where Git can't be asked."""
        apps = [
            app
            for app, wanted in digests.items()
            if app not in self._read and not wanted <= self.of(app).keys()
        ]
        self._read.update(apps)
        records = {app: dict(self._newest(app)) for app in apps}
        try:
            blobs = self._repository.read([blob for found in records.values() for blob in found])
        except TidegateError:
            return
        for app, found in records.items():
            for blob, path in found.items():
                self._take(app, path, blobs[blob])

    def _newest(self, app: str) -> Iterator[tuple[str, str]]:
        yield from list(self._records.get(app, {}).items())[:_RELEASES]

    def _take(self, app: str, path: str, record: bytes) -> None:
        try:
            release = parse_release(path, record)
        except TidegateError:
            return
        if release.app == app and release.image.digest:
            self._known.setdefault(app, {}).setdefault(release.image.digest, release.version)
