"""What Git says of where an environment's Applications take their manifests from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tidegate.domain.snapshot import Snapshot
from tidegate.domain.source import Origin, overrides, same_address
from tidegate.errors import ConfigurationError
from tidegate.repository.layout import ENVIRONMENTS, argocd_folder
from tidegate.repository.objects import Unreadable, read_object
from tidegate.repository.rendered import documents
from tidegate.repository.yaml import decode

_SUFFIXES = (".yaml", ".yml")
_QUOTES = "\"',"


def read_origin(snapshot: Snapshot, environment: str, branch: str, remote: str) -> Origin:
    """Where what runs in an environment may come from: the remote, and every address that Git
    writes out there. Any address may, where Git names no source, or leaves that to a template."""
    documents = list(_documents(snapshot, environment))
    sources = [source for document in documents for source in _sources(document)]
    meant = frozenset(key for source in sources for key in overrides(source))
    named = [str(source["repoURL"]) for source in sources]
    if not named or any("{{" in address for address in named):
        return Origin(branch, overrides=meant)
    # Patches and replacements write over what sources say, so that every word counts.
    words = {word for document in documents for word in _words(document) if "/" in word}
    return Origin(branch, frozenset(map(same_address, {remote, *named, *words})), meant)


def _documents(snapshot: Snapshot, environment: str) -> Iterator[Mapping[str, Any]]:
    """Those of the environment's Argo CD, and those beside the environments, which start it."""
    beside = [f"{ENVIRONMENTS}/{name}" for name in snapshot.children(ENVIRONMENTS)]
    paths = [*beside, *snapshot.files(argocd_folder(environment))]
    wanted = [path for path in paths if path.endswith(_SUFFIXES) and snapshot.is_file(path)]
    for path, data in snapshot.read_many(wanted).items():
        try:
            text = decode(path, data)
        except ConfigurationError:
            continue
        for _, document in documents(text):
            try:
                yield read_object(document)
            except Unreadable:
                continue


def _sources(value: object) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("repoURL"), str):
            yield value
        for item in value.values():
            yield from _sources(item)
    elif isinstance(value, list):
        for item in value:
            yield from _sources(item)


def _words(value: object) -> Iterator[str]:
    if isinstance(value, str):
        for word in value.split():
            yield word.strip(_QUOTES)
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from _words(item)
    elif isinstance(value, list):
        for item in value:
            yield from _words(item)
