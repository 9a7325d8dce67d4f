"""CustomResourceDefinitions that the repository keeps → the custom kinds that they describe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.custom_kind import CustomKind
from tidegate.domain.location import Location
from tidegate.domain.manifest import Manifest
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.kustomization import FILE_SIZE_LIMIT
from tidegate.repository.rendered import read_plain
from tidegate.repository.yaml import decode

FOLDER = "policies/schemas/crds"

_API, _KIND = "apiextensions.k8s.io/v1", "CustomResourceDefinition"


def read_custom_kinds(snapshot: Snapshot, folder: str = FOLDER) -> tuple[CustomKind, ...]:
    """Every served version of every definition below the folder. Raises ConfigurationError with
    all that can't be used."""
    kinds: dict[tuple[str, str], CustomKind] = {}
    problems: list[Problem] = []
    for path in snapshot.files(folder):
        if not path.endswith((".yaml", ".yml", ".json")):
            continue
        try:
            for kind in _read(snapshot, path):
                first = kinds.setdefault((kind.api_version, kind.kind), kind)
                if first is not kind:
                    message = f"defines {kind.kind} of {kind.api_version} again"
                    expected = f"one definition; the first is in {first.where.file}"
                    problems.append(Problem(path, 0, 0, "", message, expected))
        except ConfigurationError as error:
            problems.extend(error.problems)
    if problems:
        raise ConfigurationError(problems)
    return tuple(kinds.values())


def _read(snapshot: Snapshot, path: str) -> Iterator[CustomKind]:
    if not snapshot.is_file(path):
        raise _wrong(path, "is a symbolic link or a submodule", "a regular file")
    if snapshot.entries[path].size > FILE_SIZE_LIMIT:
        raise _wrong(path, f"is larger than {FILE_SIZE_LIMIT // 1024**2} MiB", "a smaller file")
    for manifest in read_plain(path, decode(path, snapshot.read(path), FILE_SIZE_LIMIT)):
        yield from _kinds(path, manifest)


def _kinds(path: str, manifest: Manifest) -> Iterator[CustomKind]:
    api, kind = manifest.id[:2]
    if (api, kind) != (_API, _KIND):
        raise _wrong(
            path, f"holds a {kind or 'document'} of {api or 'no API'}", f"{_KIND}s of {_API}"
        )
    spec = _mapping(manifest.data.get("spec"))
    names = _mapping(spec.get("names"))
    group, own, scope = spec.get("group"), names.get("kind"), spec.get("scope")
    versions = spec.get("versions")
    if not (isinstance(group, str) and isinstance(own, str) and isinstance(versions, list)):
        expected = "spec.group, spec.names.kind and spec.versions"
        raise _wrong(path, f"{manifest.id.name or 'a definition'} is not complete", expected)
    for version in map(_mapping, versions):
        name = version.get("name")
        schema = _mapping(version.get("schema")).get("openAPIV3Schema")
        if version.get("served") is False or not isinstance(name, str):
            continue
        if not isinstance(schema, Mapping):
            raise _wrong(path, f"{own} of {group}/{name} has no schema", "an openAPIV3Schema")
        where = Location(path, 1, 1)
        yield CustomKind(group, name, own, schema, str(scope or "Namespaced"), where)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _wrong(path: str, message: str, expected: str) -> ConfigurationError:
    return ConfigurationError([Problem(path, 0, 0, "", message, expected)])
