"""How two renderings differ: objects, and in each the fields, old → new."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tidegate.domain.manifest import Manifest, Object, ObjectId


class Change(StrEnum):
    """What happened to an object or a field."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """`path` as people write it, list items by their name where they have one:
    `spec.template.spec.containers[server].image`. `old` and `new` are plain values, None where
    there is none. A Secret's values are never in it."""

    path: str
    change: Change
    old: Any
    new: Any


@dataclass(frozen=True, slots=True)
class ObjectChange:
    """One object that is not the same on both sides; `fields` is empty for a whole object that
    came or went."""

    id: ObjectId
    change: Change
    fields: tuple[FieldChange, ...] = ()


@dataclass(frozen=True, slots=True)
class DiffReport:
    """One overlay, `before` as it was at a revision and as it is in the work tree."""

    app: str
    environment: str
    before: str
    objects: tuple[ObjectChange, ...]
    unchanged: int


MASK = "••••••"
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"

# Tools keep copies of what they applied in annotations, values included.
_SECRET = re.compile(r"(?:data|stringData|metadata\.annotations|metadata$)(?![A-Za-z0-9])")


def compare(
    before: Sequence[Manifest], after: Sequence[Manifest]
) -> tuple[tuple[ObjectChange, ...], int]:
    """The objects that differ, by kind and name, and how many are the same. Objects of one id
    are compared in their order: none hides behind another."""
    old, new = _by_id(before), _by_id(after)
    changes: list[ObjectChange] = []
    same = 0
    _pair_generated(old, new)
    for identity in sorted(old.keys() | new.keys(), key=lambda i: (i.kind, *i)):
        left, right = old.get(identity, []), new.get(identity, [])
        for one, other in zip(left, right, strict=False):
            fields = tuple(_fields(one, other))
            same += not fields
            if fields:
                changes.append(ObjectChange(identity, Change.CHANGED, fields))
        changes += [ObjectChange(identity, Change.REMOVED)] * (len(left) - len(right))
        changes += [ObjectChange(identity, Change.ADDED)] * (len(right) - len(left))
    return tuple(changes), same


def mask(data: Object) -> Object:
    """The object; a Secret with its values hidden, its keys kept."""
    if data.get("kind") != "Secret":
        return data
    return {key: _hidden(key, v) if isinstance(v, Mapping) else v for key, v in data.items()}


def _hidden(key: str, value: Mapping[str, Any]) -> Mapping[str, Any]:
    """One of a Secret's fields. What kubectl applied last is among the annotations, values and
    all."""
    if key in ("data", "stringData"):
        return dict.fromkeys(value, MASK)
    notes = value.get("annotations")
    if key == "metadata" and isinstance(notes, Mapping) and _APPLIED in notes:
        return {**value, "annotations": {**notes, _APPLIED: MASK}}
    return value


def _by_id(manifests: Sequence[Manifest]) -> dict[ObjectId, list[Object]]:
    found: dict[ObjectId, list[Object]] = {}
    for manifest in manifests:
        found.setdefault(manifest.id, []).append(manifest.data)
    return found


def _pair_generated(old: dict[ObjectId, list[Object]], new: dict[ObjectId, list[Object]]) -> None:
    """kustomize gives a ConfigMap with other contents another name, by a hash at its end: it is
    the same one to whoever reads the difference."""
    gone = {i.unhashed: i for i in old if i not in new and i.unhashed != i}
    for identity in [i for i in new if i not in old]:
        before = gone.pop(identity.unhashed, None)
        if before:
            old[identity] = old.pop(before)


def _fields(old: Object, new: Object) -> Iterator[FieldChange]:
    secret = "Secret" in (old.get("kind"), new.get("kind"))
    for field in _walk(old, new, ""):
        if not (secret and _SECRET.match(field.path)):
            yield field
        else:
            masked = (None if side is None else MASK for side in (field.old, field.new))
            yield FieldChange(field.path, field.change, *masked)


def _walk(old: Any, new: Any, path: str) -> Iterator[FieldChange]:
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        yield from _mappings(old, new, lambda key: f"{path}{_key(key)}" if path else key)
    elif isinstance(old, list) and isinstance(new, list):
        names = _named(old), _named(new)
        if names[0] is not None and names[1] is not None:
            yield from _mappings(names[0], names[1], lambda key: f"{path}[{key}]")
        elif len(old) == len(new):
            for index, (left, right) in enumerate(zip(old, new, strict=True)):
                yield from _walk(left, right, f"{path}[{index}]")
        else:
            yield FieldChange(path, Change.CHANGED, old, new)
    elif old != new or type(old) is not type(new):
        yield FieldChange(path, Change.CHANGED, old, new)


def _mappings(
    old: Mapping[str, Any], new: Mapping[str, Any], name: Callable[[str], str]
) -> Iterator[FieldChange]:
    for key in [*old, *(k for k in new if k not in old)]:
        if key not in new:
            yield FieldChange(name(key), Change.REMOVED, old[key], None)
        elif key not in old:
            yield FieldChange(name(key), Change.ADDED, None, new[key])
        else:
            yield from _walk(old[key], new[key], name(key))


def _named(items: list[Any]) -> dict[str, Any] | None:
    """The items by their names, where each has one of its own; None otherwise."""
    found: dict[str, Any] = {}
    for item in items:
        name = item.get("name") if isinstance(item, Mapping) else None
        if not isinstance(name, str) or name in found:
            return None
        found[name] = item
    return found


def _key(key: str) -> str:
    return f"[{key}]" if "." in key or "/" in key else f".{key}"
