"""CustomResourceDefinitions that the repository keeps → the custom kinds that they describe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from tidegate.domain.custom_kind import CustomKind, DefinedVersion, Definition
from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest, Object, mapping
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.layout import DEFINITIONS
from tidegate.repository.rendered import read_plain
from tidegate.repository.yaml import FILE_SIZE_LIMIT, decode

API, KIND = "apiextensions.k8s.io/v1", "CustomResourceDefinition"


def read_custom_kinds(snapshot: Snapshot) -> tuple[CustomKind, ...]:
    """Every served version of every definition. Raises ConfigurationError with all that can't be
    used."""
    kinds: dict[tuple[str, str], CustomKind] = {}
    problems: list[Problem] = []
    for path in definition_files(snapshot):
        try:
            for manifest in read_manifests(snapshot, path):
                for kind in _kinds(path, manifest):
                    first = kinds.setdefault((kind.api_version, kind.kind), kind)
                    if first is not kind:
                        message = f"defines {kind.kind} of {kind.api_version} again"
                        expected = f"one definition; the first is in {first.where.file}"
                        problems.append(Problem.whole(path, message, expected))
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    return tuple(kinds.values())


def read_definitions(snapshot: Snapshot) -> tuple[Definition, ...]:
    """Every definition. Raises ConfigurationError as `read_custom_kinds` does."""
    read_custom_kinds(snapshot)
    return tuple(
        definition_of(manifest.data, Location(path, 1, 1))
        for path in definition_files(snapshot)
        for manifest in read_manifests(snapshot, path)
    )


def definition_files(snapshot: Snapshot) -> Iterator[str]:
    """The paths of all files that may hold definitions."""
    for path in snapshot.files(DEFINITIONS):
        if path.endswith((".yaml", ".yml", ".json")):
            yield path


def read_manifests(snapshot: Snapshot, path: str) -> tuple[Manifest, ...]:
    """The objects of a file of definitions. Raises ConfigurationError."""
    if not snapshot.is_file(path):
        raise _wrong(path, "is a symbolic link or a submodule", "a regular file")
    if snapshot.entries[path].size > FILE_SIZE_LIMIT:
        raise _wrong(path, f"is larger than {FILE_SIZE_LIMIT // 1024**2} MiB", "a smaller file")
    return read_plain(path, decode(path, snapshot.read(path), FILE_SIZE_LIMIT))


def definition_of(data: Object, where: Location) -> Definition:
    """What a definition says of names and versions; what isn't as expected counts as empty."""
    spec = mapping(data.get("spec"))
    names = mapping(spec.get("names"))
    versions = spec.get("versions")
    return Definition(
        str(spec.get("group") or ""),
        str(names.get("kind") or ""),
        str(names.get("plural") or ""),
        str(spec.get("scope") or "Namespaced"),
        tuple(
            DefinedVersion(str(v.get("name")), v.get("served") is True, v.get("storage") is True)
            for v in map(mapping, versions if isinstance(versions, list) else ())
        ),
        where,
    )


def kinds_beside(manifests: Iterable[Manifest]) -> tuple[CustomKind, ...]:
    """The custom kinds that an overlay brings along with objects of them. A definition that isn't
    complete counts for nothing: it is told by itself."""
    found = list(manifests)
    used = {manifest.id[:2] for manifest in found}
    kinds: list[CustomKind] = []
    for manifest in found:
        if manifest.id[:2] == (API, KIND):
            with suppress(ConfigurationError):
                kinds.extend(_kinds(manifest.origin or manifest.id.name, manifest))
    return tuple(kind for kind in kinds if (kind.api_version, kind.kind) in used)


def _kinds(path: str, manifest: Manifest) -> Iterator[CustomKind]:
    api, kind = manifest.id[:2]
    if (api, kind) != (API, KIND):
        raise _wrong(
            path, f"holds a {kind or 'document'} of {api or 'no API'}", f"{KIND}s of {API}"
        )
    spec = mapping(manifest.data.get("spec"))
    names = mapping(spec.get("names"))
    group, own, plural = spec.get("group"), names.get("kind"), names.get("plural")
    versions = spec.get("versions")
    texts = isinstance(group, str) and isinstance(own, str) and isinstance(plural, str)
    if not (texts and isinstance(versions, list)):
        expected = "spec.group, spec.names.kind, spec.names.plural and spec.versions"
        raise _wrong(path, f"{manifest.id.name or 'a definition'} is not complete", expected)
    webhook = mapping(spec.get("conversion")).get("strategy") == "Webhook"
    for version in map(mapping, versions):
        name = version.get("name")
        schema = mapping(version.get("schema")).get("openAPIV3Schema")
        if version.get("served") is not True or not isinstance(name, str):
            continue
        if not isinstance(schema, Mapping):
            raise _wrong(path, f"{own} of {group}/{name} has no schema", "an openAPIV3Schema")
        yield CustomKind(
            str(group),
            name,
            str(own),
            str(plural),
            schema,
            str(spec.get("scope") or "Namespaced"),
            Location(path, 1, 1),
            not webhook,
        )


def _wrong(path: str, message: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem.whole(path, message, expected)])
