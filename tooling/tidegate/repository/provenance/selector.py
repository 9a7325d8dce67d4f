"""Which rendered objects a patch or a replacement is meant for, as kustomize chooses them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from collections.abc import Mapping as Data
from dataclasses import dataclass
from typing import Any

from tidegate.domain.manifest import ObjectId
from tidegate.repository.provenance.nodes import Mapping, Node, text_of
from tidegate.repository.provenance.steps import Reading, Steps

_PLAIN = re.compile(r"[A-Za-z0-9_/ -]*")
# What neither Go nor Python takes long for. Anything else may match: then the values decide.
_SIMPLE = re.compile(r"(?:[^(){}\\]|\\[.\-wd]|\((?!\?)|\)(?![*+?]))*")
_IDENTITY = ("group", "version", "kind", "name", "namespace")
_QUANTIFIERS, _GROUPS, _LONGEST = 4, 4, 300
_EQUALS = re.compile(r"\s*([^\s!=,()]+)\s*(==?|!=)\s*([^\s!=,()]*)\s*")
_EXISTS = re.compile(r"\s*(!?)\s*([^\s!=,()]+)\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Target:
    """A rendered object, under every name that it had on its way, the last one first.

    `document` is where it was written, and `written` the name that it has there; `affixes` are
    the prefixes and suffixes that were put around names, outermost first.
    """

    id: ObjectId
    data: Data[str, Any]
    names: tuple[str, ...]
    reading: Reading
    affixes: tuple[tuple[str, str], ...] = ()
    document: Mapping | None = None
    written: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Question:
    """Who set this field of this object to this value? `positions` are those of its list items in
    the document that it was written in, by the number of the step."""

    target: Target
    steps: Steps
    value: Any
    positions: Data[int, int]


@dataclass(frozen=True, slots=True)
class Selector:
    """What isn't said matches everything. Texts are regular expressions over the whole of what
    they are held against, unless they are `exact`."""

    group: str | None = None
    version: str | None = None
    kind: str | None = None
    name: str | None = None
    namespace: str | None = None
    labels: str | None = None
    annotations: str | None = None
    exact: bool = False

    def selects(self, target: Target) -> bool:
        """Whether the object, or what it was before, is meant."""
        id_ = target.id
        metadata = target.data.get("metadata")
        found = metadata if isinstance(metadata, Data) else {}
        if self.exact:
            group = self.group is None or self.group == id_.group
            return group and self.kind == id_.kind and self.name in target.names
        return (
            _matches(self.kind, [id_.kind])
            and _matches(self.name, target.names)
            and _matches(self.group, [id_.group])
            and _matches(self.version, [id_.api_version.rpartition("/")[2]])
            and (self.namespace is None or _matches(self.namespace, [id_.namespace, "", "default"]))
            and _labelled(self.labels, found.get("labels"))
            and _labelled(self.annotations, found.get("annotations"))
        )


def read_selector(node: Node | None) -> Selector:
    """The selector that a kustomization says, in `target`, `select` or `reject`."""
    if not isinstance(node, Mapping):
        return Selector()

    def text(name: str) -> str | None:
        return text_of(node.value(name)) or None

    group, version, kind, name, namespace = map(text, _IDENTITY)
    labels, annotations = text("labelSelector"), text("annotationSelector")
    return Selector(group, version, kind, name, namespace, labels, annotations)


def object_selector(document: Mapping) -> Selector:
    """The selector of a patch that is for the object whose name it has itself."""
    metadata = document.get("metadata")
    name = text_of(metadata.get("name")) if isinstance(metadata, Mapping) else None
    version = text_of(document.get("apiVersion")) or ""
    group = version.rpartition("/")[0] if version else None
    return Selector(group, kind=text_of(document.get("kind")), name=name, exact=True)


def _matches(pattern: str | None, texts: Iterable[str]) -> bool:
    if not pattern:
        return True
    if _PLAIN.fullmatch(pattern):
        return pattern in texts
    quantifiers = sum(pattern.count(mark) for mark in "*+?")
    if (
        len(pattern) > _LONGEST
        or quantifiers > _QUANTIFIERS
        or pattern.count("(") > _GROUPS
        or not _SIMPLE.fullmatch(pattern)
    ):
        return True
    try:
        expression = re.compile(pattern.removeprefix("^").removesuffix("$"))
    except (re.error, OverflowError):
        return True
    return any(expression.fullmatch(text[:_LONGEST]) for text in texts)


def _labelled(selector: str | None, labels: Any) -> bool:
    """Labels may have been changed since: only a plain contradiction counts."""
    if not selector or len(selector) > 2_000 or "(" in selector:
        return True
    known = labels if isinstance(labels, Data) else {}
    for part in selector.split(","):
        if equals := _EQUALS.fullmatch(part):
            if (str(known.get(equals[1])) == equals[3]) == (equals[2] == "!="):
                return False
        elif (exists := _EXISTS.fullmatch(part)) and (exists[2] in known) == bool(exists[1]):
            return False
    return True
