"""Names, labels and annotations of any object (k8s.io/apimachinery/pkg/api/validation)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.grammar import (
    KEY_RULE,
    LABEL_RULE,
    VALUE_RULE,
    is_key,
    is_label,
    is_value,
)
from tidegate.policy.schemas.syntax.names import NameRule
from tidegate.policy.schemas.syntax.reading import items, mapping, text
from tidegate.policy.schemas.syntax.words import MISSING, filled, wrong
from tidegate.policy.schemas.words import in_quotes, nearest, shown

_ANNOTATIONS_LIMIT = 256 * 1024
_METADATA: FieldPath = ("metadata",)
_PREFIX = 57  # characters that the server keeps, but for one
_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")


def judge_metadata(data: Any, rule: NameRule, *, named: bool) -> Iterator[Flaw]:
    """An object's own metadata; one that isn't `named` may have no name, as the files of some
    tools have none that only look like objects."""
    metadata = mapping(data)
    if named or "name" in metadata:
        yield from _judge_name(metadata, rule)
    namespace = metadata.get("namespace")
    if isinstance(namespace, str) and namespace and not is_label(namespace):
        yield wrong((*_METADATA, "namespace"), namespace, LABEL_RULE)
    yield from judge_labels(metadata, _METADATA)
    for owner, path in items(metadata.get("ownerReferences"), (*_METADATA, "ownerReferences")):
        yield from filled(owner, ("apiVersion", "kind", "name", "uid"), path)


def judge_finalizers(data: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """What must happen before an object of Kubernetes' own is gone."""
    finalizers = data.get("finalizers")
    for index, name in enumerate(finalizers if isinstance(finalizers, list) else ()):
        if isinstance(name, str) and name not in _FINALIZERS and not _is_qualified(name):
            rule = "a name with a domain, such as example.com/name"
            yield wrong((*path, "finalizers", index), name, rule)


def judge_labels(metadata: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    """The labels and annotations of an object, or of a template's objects."""
    labels = metadata.get("labels")
    if isinstance(labels, dict):
        yield from judge_label_map(labels, (*path, "labels"))
    annotations = metadata.get("annotations")
    if isinstance(annotations, dict):
        size = 0
        for key, value in annotations.items():
            if isinstance(key, str) and not is_key(key.lower()):
                yield _bad_key((*path, "annotations", key), key)
            elif isinstance(value, bool | int | float):
                yield _no_text((*path, "annotations", key), value)
            if isinstance(value, str):
                size += len(str(key)) + (len(value) if value.isascii() else len(_bytes(value)))
        if size > _ANNOTATIONS_LIMIT:
            message = f"is {size // 1024} KiB large; expected at most 256 KiB"
            yield Flaw((*path, "annotations"), message)


def judge_label_map(labels: Any, path: FieldPath) -> Iterator[Flaw]:
    """Labels, or what is to be looked for in them."""
    for key, value in mapping(labels).items():
        if isinstance(key, str) and not is_key(key):
            yield _bad_key((*path, key), key)
        elif isinstance(value, str) and not is_value(value):
            yield wrong((*path, key), value, f"a label's value: {VALUE_RULE}")
        elif isinstance(value, bool | int | float):
            yield _no_text((*path, key), value)


def _judge_name(metadata: dict[str, Any], rule: NameRule) -> Iterator[Flaw]:
    name, prefix = metadata.get("name"), metadata.get("generateName")
    if isinstance(prefix, str) and prefix and not rule.test(_masked(prefix)):
        yield wrong((*_METADATA, "generateName"), prefix, f"the beginning of {rule.words}")
    if isinstance(name, str) and name:
        if not rule.test(name):
            yield wrong((*_METADATA, "name"), name, rule.words)
    elif not text(prefix) and (name is None or name == ""):
        near = nearest("name", [key for key in metadata if isinstance(key, str)])
        hint = f" (there is '{near}')" if near and near != "name" else ""
        yield Flaw((*_METADATA, "name"), f"{MISSING}; expected {rule.words}{hint}")


def _masked(prefix: str) -> str:
    """The server appends letters, so that a prefix may end in what no name may end in; of a long
    one it takes the beginning."""
    return (prefix[:-1] if prefix.endswith("-") else prefix)[:_PREFIX] + "a"


def _is_qualified(name: str) -> bool:
    return "/" in name and is_key(name)


def _no_text(path: FieldPath, value: object) -> Flaw:
    return Flaw(path, f"is {shown(value)}; expected text", in_quotes(value))


def _bad_key(path: FieldPath, key: str) -> Flaw:
    return Flaw(path, f"has the key {shown(key)}; expected {KEY_RULE}")


def _bytes(value: str) -> bytes:
    return value.encode("utf-8", "surrogatepass")
