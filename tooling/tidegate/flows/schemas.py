"""`schemas list`: which kinds there are schemas for, and which are used without one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from tidegate.domain.configuration import Configuration
from tidegate.domain.schema_catalogue import Kind, KnownVersion, SchemaCatalogue, Usage
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.flows.cluster_version import cluster_version
from tidegate.policy.schemas.cluster import Schemas
from tidegate.policy.schemas.versions import default_version, known_versions, resolve
from tidegate.repository.closure import Closures
from tidegate.repository.configuration import load_configuration
from tidegate.repository.crds import read_custom_kinds, read_definitions
from tidegate.repository.discovery import discover, is_tidegate
from tidegate.repository.rendered import read_plain
from tidegate.repository.targets import Target
from tidegate.repository.yaml import SIZE_LIMIT, decode

_SUFFIXES = (".yaml", ".yml", ".json")
_NOT_APPLIED = "kustomize.config.k8s.io/"


def list_schemas(snapshot: Snapshot) -> SchemaCatalogue:
    """What manifests of this folder can be held against, by its files as they are: nothing is
    rendered. Raises ConfigurationError for definitions and settings that can't be read."""
    definitions = read_definitions(snapshot)
    custom = read_custom_kinds(snapshot)
    configuration = load_configuration(snapshot) if is_tidegate(snapshot) else None
    clusters = _clusters(snapshot, configuration)
    schemas = {version: Schemas(version, custom) for version in {*clusters.values()}}
    closures = Closures(snapshot)
    targets = discover(snapshot, closures)
    kinds = _Kinds(snapshot)
    used: dict[str, frozenset[Kind]] = {}
    missing: dict[Kind, list[str]] = {}
    for target, paths in _paths(targets, closures):
        used[target.path] = frozenset(kind for path in paths for kind in kinds.of(path))
        here = schemas[clusters.get(target.environment or "") or default_version()]
        for kind in used[target.path]:
            if not here.knows(*kind):
                missing.setdefault(kind, []).append(target.path)
    users = Counter((api.rpartition("/")[0], kind) for own in used.values() for api, kind in own)
    return SchemaCatalogue(
        known_versions(),
        tuple(
            KnownVersion(version, own.kinds, _environments(clusters, version))
            for version, own in sorted(schemas.items(), key=lambda item: resolve(item[0]))
        ),
        tuple((found, users[found.group, found.kind]) for found in definitions),
        tuple(Usage(kind, tuple(missing[kind])) for kind in sorted(missing)),
    )


def _clusters(snapshot: Snapshot, configuration: Configuration | None) -> Mapping[str, str]:
    """Each environment's version of Kubernetes, in the order of promotion; that of folders which
    belong to none under the empty name. Raises ConfigurationError for one that nobody knows."""
    if configuration is None or not configuration.environments:
        return {"": default_version()}
    return {
        environment.name: cluster_version(snapshot, environment)
        for environment in configuration.in_order()
    }


def _environments(clusters: Mapping[str, str], version: str) -> tuple[str, ...]:
    return tuple(name for name, own in clusters.items() if name and own == version)


def _paths(targets: Sequence[Target], closures: Closures) -> Iterator[tuple[Target, Sequence[str]]]:
    found = closures.find([target.path for target in targets if not target.plain])
    for target in targets:
        closure = found.get(target.path)
        yield target, (closure.paths if closure else (target.path,))


class _Kinds:
    """The kinds of the objects in files; each file is read once."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._known: dict[str, frozenset[Kind]] = {}

    def of(self, path: str) -> frozenset[Kind]:
        """None where a file can't be read: whoever checks it is told so."""
        if path not in self._known:
            self._known[path] = frozenset(self._read(path))
        return self._known[path]

    def _read(self, path: str) -> Iterator[Kind]:
        if not (path.endswith(_SUFFIXES) and self._snapshot.is_file(path)):
            return
        try:
            text = decode(path, self._snapshot.read(path), 4 * SIZE_LIMIT)
            manifests = read_plain(path, text)
        except ConfigurationError:
            return
        for manifest in manifests:
            api, kind, _, name = manifest.id
            if api and kind and name and not api.startswith(_NOT_APPLIED):
                yield api, kind
