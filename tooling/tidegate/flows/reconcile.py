"""`reconcile`: every place where Git, the cluster and the registry's aliases disagree.

Git is the truth. A cluster that differs is Argo CD's affair, and only told; an alias can be
moved, but only to what was seen to be live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from tidegate.domain.app import Environment
from tidegate.domain.configuration import Configuration
from tidegate.domain.live import Live
from tidegate.domain.live_mark import LiveMark, alias_of
from tidegate.domain.reconciliation import Disagreement, Place, Reconciliation
from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.soak import Soak
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import TidegateError
from tidegate.flows.outlook import blind_spots
from tidegate.flows.soak import soaks
from tidegate.flows.target import find_environment
from tidegate.ports import Connections, LiveRecord, Progress
from tidegate.repository.configuration import load_configuration
from tidegate.repository.layout import release_file
from tidegate.repository.release import read_release

_Aliases = Mapping[str, Mapping[str, str] | TidegateError]


def reconcile(
    environment: str | None,
    connections: Connections,
    progress: Progress,
    *,
    fix_aliases: bool = False,
) -> Reconciliation:
    """What disagrees in one environment, or in all. Raises InputError for an unknown one, and
    OutsideError where the branch can't be fetched; what else can't be had is in the report."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    chosen = (
        [find_environment(configuration, environment)]
        if environment
        else list(configuration.in_order())
    )
    comparison = _Comparison(snapshot, configuration, connections, progress, fix_aliases)
    found = [item for place in chosen for item in comparison.of(place)]
    unknown = tuple(dict.fromkeys([*blind_spots(comparison.unseen), *comparison.unknown]))
    return Reconciliation(snapshot.revision, comparison.compared, tuple(found), unknown)


class _Comparison:
    """One command's look at everything."""

    def __init__(
        self,
        snapshot: Snapshot,
        configuration: Configuration,
        connections: Connections,
        progress: Progress,
        fix: bool,
    ) -> None:
        self._snapshot = snapshot
        self._configuration = configuration
        self._connections = connections
        self._progress = progress
        self._fix = fix
        self._record: LiveRecord | None = None
        self.unknown: list[str] = []
        self.unseen: list[tuple[str, TidegateError]] = []
        self.compared = 0

    def of(self, environment: Environment) -> Iterator[Disagreement]:
        """What disagrees in an environment, app by app."""
        releases = list(self._releases(environment))
        self.compared += len(releases)
        if not releases:
            return
        clusters = self._clusters(environment, releases)
        aliases = self._aliases(releases)
        for release in releases:
            cluster = clusters.get(release.app)
            live = isinstance(cluster, Soak) and cluster.kind is Live.LIVE
            if isinstance(cluster, Soak) and not live:
                yield Disagreement(
                    *(release.app, environment.name, Place.CLUSTER, release.version, None),
                    cluster.reason,
                )
            elif isinstance(cluster, Unavailable):
                self.unknown.append(f"{release.app} in {environment.name}: {cluster.reason}")
            alias = aliases.get(release.model)
            if isinstance(alias, TidegateError):
                self.unknown.append(f"the aliases of {release.model}: {alias.message}")
            elif alias is not None:
                yield from self._alias(release, alias, live=live)

    def _releases(self, environment: Environment) -> Iterator[Release]:
        paths = [release_file(environment.name, app) for app in self._configuration.apps]
        self._snapshot.prefetch(path for path in paths if path in self._snapshot)
        for app in self._configuration.apps:
            try:
                release = read_release(self._snapshot, environment.name, app)
            except TidegateError as error:
                self.unknown.append(error.message)
                continue
            if release is not None:
                yield release

    def _clusters(
        self, environment: Environment, releases: Sequence[Release]
    ) -> Mapping[str, Soak | Unavailable]:
        self._progress(f"asking Argo CD about {environment.name}")
        try:
            return soaks(self._snapshot, self._configuration, releases, self._connections)
        except TidegateError as error:
            self.unseen.append((environment.name, error))
            return {}

    def _aliases(self, releases: Sequence[Release]) -> _Aliases:
        try:
            if self._record is None:
                settings = self._configuration.settings
                self._record = self._connections.live_record(settings)
            return self._record.aliases([release.model for release in releases])
        except TidegateError as error:
            self.unknown.append(f"the aliases: {error.message}")
            return {}

    def _alias(
        self, release: Release, aliases: Mapping[str, str], *, live: bool
    ) -> Iterator[Disagreement]:
        name = alias_of(release.app, release.environment)
        named = aliases.get(name)
        if named == release.version:
            return
        names = f"names version {named}" if named else "is not there"
        why = f"version {release.version} {'is live' if live else 'was not seen to be live'}"
        found = Disagreement(
            *(release.app, release.environment, Place.ALIAS, release.version, named),
            f"the alias {name} of {release.model} {names}; {why}",
        )
        yield self._mended(found, release) if self._fix and live else found

    def _mended(self, found: Disagreement, release: Release) -> Disagreement:
        mark = LiveMark(
            *(release.model, release.version, release.app, release.environment),
            *(self._snapshot.revision, release.image.digest or "", self._connections.now()),
        )
        try:
            if self._record is not None:
                self._record.record(mark)
        except TidegateError as error:
            self.unknown.append(f"the alias {mark.alias} was not moved: {error.message}")
            return found
        return replace(found, fixed=True)
