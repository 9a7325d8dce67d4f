"""Volumes whose files the API server knows: of ConfigMaps, Secrets, tokens and the pod itself
(pkg/apis/core/validation: validateConfigMapVolumeSource, validateProjectionSources)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax import downward
from tidegate.policy.schemas.syntax.grammar import is_outside
from tidegate.policy.schemas.syntax.reading import items, text
from tidegate.policy.schemas.syntax.words import at_least, filled, needed, wrong
from tidegate.policy.schemas.words import shown

_MODES = 0o777
_SHORTEST, _LONGEST = 600, 2**32  # seconds that a token lives
_NAMED = ("configMap", "secret", "downwardAPI")
_PROJECTED = (*_NAMED, "serviceAccountToken")  # others the server drops by default


def judge_config_map(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A ConfigMap's."""
    yield from needed(source, "name", path, "a ConfigMap's name")
    yield from _judge_files(source, path)


def judge_secret(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """A Secret's."""
    yield from needed(source, "secretName", path, "a Secret's name")
    yield from _judge_files(source, path)


def judge_downward(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What the pod says of itself."""
    yield from _judge_files(source, path)
    yield from downward.judge_files(source, path)


def judge_projected(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """Several sources in one folder, where no two files may have the same path."""
    yield from at_least(source, "defaultMode", 0, path, _MODES)
    seen: set[str] = set()
    for inner, where in items(source.get("sources"), (*path, "sources")):
        given = [key for key in _PROJECTED if inner.get(key) is not None]
        for key in given[1:]:
            message = f"is a second source beside {shown(given[0])}; expected an item of its own"
            yield Flaw((*where, key), message)
        for key in given[:1]:
            own = inner[key]
            if isinstance(own, dict):
                yield from _judge_projection(key, own, (*where, key), seen)


def _judge_projection(
    key: str, own: dict[str, Any], path: FieldPath, seen: set[str]
) -> Iterator[Flaw]:
    if key in _NAMED:
        yield from _judge_files(own, path, seen)
    if key in ("configMap", "secret"):
        yield from needed(own, "name", path, "a name")
    elif key == "downwardAPI":
        yield from downward.judge_files(own, path)
    elif key == "serviceAccountToken":
        yield from at_least(own, "expirationSeconds", _SHORTEST, path, _LONGEST)
        yield from _judge_path(own, path, None)


def _judge_files(
    source: dict[str, Any], path: FieldPath, seen: set[str] | None = None
) -> Iterator[Flaw]:
    yield from at_least(source, "defaultMode", 0, path, _MODES)
    for item, where in items(source.get("items"), (*path, "items")):
        yield from at_least(item, "mode", 0, where, _MODES)
        yield from filled(item, ("key",), where)
        yield from _judge_path(item, where, seen)


def _judge_path(item: dict[str, Any], path: FieldPath, seen: set[str] | None) -> Iterator[Flaw]:
    yield from filled(item, ("path",), path)
    inner = text(item.get("path"))
    if is_outside(inner) or inner.startswith(".."):
        yield wrong((*path, "path"), inner, "a path inside the volume, without '..'")
    elif seen is not None and inner:
        if inner in seen:
            yield Flaw((*path, "path"), f"is {shown(inner)}, as an earlier file of the volume")
        seen.add(inner)
