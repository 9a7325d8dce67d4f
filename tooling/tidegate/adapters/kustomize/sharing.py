"""Which overlays may be rendered by one process without changing each other.

In a wrapper, kustomize fixes references to renamed objects over all overlays together. So an
overlay whose objects get new names (by a prefix, or by a generator's hash) never shares a process
with one in whose files such a name occurs. Whatever kustomize applies only at the top, or to
everything, is rendered alone. Objects of the same identity need no care: they are an error, and
the batch is taken apart.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import yaml
from yaml.events import (
    CollectionEndEvent,
    CollectionStartEvent,
    Event,
    MappingStartEvent,
    ScalarEvent,
)

from tidegate.domain.snapshot import SYMLINK, Snapshot
from tidegate.repository.nodes import events

if TYPE_CHECKING:
    from tidegate.domain.closure import Closure

OVERLAYS, WEIGHT = 50, 400
_OPEN_BATCHES = 12

# kustomize fields whose effect ends with the overlay's own objects; anything else, known to us or
# not, is rendered alone.
_LOCAL_KEYS = frozenset(
    (
        *("apiversion", "kind", "metadata", "resources", "bases", "components"),
        *("namespace", "nameprefix", "namesuffix", "images", "imagetags", "replicas"),
        *("labels", "commonlabels", "commonannotations"),
        *("patches", "patchesstrategicmerge", "patchesjson6902"),
        *("configmapgenerator", "secretgenerator", "generatoroptions"),
    )
)
_RENAMING_KEYS = frozenset(("nameprefix", "namesuffix"))
# Names changed by hand or by a hash that is asked for; kustomize's own notes; kinds whose
# references kustomize completes with a namespace; escapes that could hide any of these; UTF-16.
_UNSAFE = re.compile(
    rb"allowNameChange|needs-hash|internal\.config\.kubernetes\.io|RoleBinding|WebhookConfiguration"
    rb"|\\[xuU]|\x00"
)
_ANCHOR = re.compile(rb"[\s,\[{:-]&\S")
_CONTINUATION = re.compile(rb"\\\r?\n[ \t]*")
# Kinds without a namespace that refer to others: a different namespace doesn't keep them apart.
_CLUSTER_WIDE = re.compile(
    rb"ClusterRole|PersistentVolume|StorageClass|APIService|AdmissionPolicy|Node\b"
)


@dataclass(frozen=True, slots=True)
class _Overlay:
    path: str
    alone: bool
    weight: int
    namespace: str | None
    cluster_wide: bool
    prefixed: bool
    renamed: frozenset[bytes]
    text: bytes = field(repr=False)

    def disturbs(self, other: _Overlay) -> bool:
        """Whether a name that changes here may be meant in the other's files."""
        if not self.renamed:
            return False
        apart = self.namespace and other.namespace and self.namespace != other.namespace
        if apart and not self.prefixed and not other.cluster_wide:
            return False  # only ConfigMaps and Secrets are renamed, and none sees the other's
        return any(name in other.text for name in self.renamed)


@dataclass(slots=True)
class _Batch:
    members: list[_Overlay]
    weight: int
    renaming: bool

    @property
    def overlays(self) -> list[str]:
        """The members' folders."""
        return [member.path for member in self.members]

    def takes(self, overlay: _Overlay, limit: int) -> bool:
        if len(self.members) >= limit or self.weight + overlay.weight > WEIGHT:
            return False
        if not (self.renaming or overlay.renamed):
            return True
        return not any(m.disturbs(overlay) or overlay.disturbs(m) for m in self.members)

    def add(self, overlay: _Overlay) -> None:
        self.members.append(overlay)
        self.weight += overlay.weight
        self.renaming |= bool(overlay.renamed)


def plan_batches(
    snapshot: Snapshot, closures: Iterable[Closure], *, limit: int | None = None
) -> Iterator[list[str]]:
    """The overlays in groups of at most `limit` (50), each of which may share a process; a group
    that is full comes at once."""
    limit = limit or OVERLAYS
    batches: list[_Batch] = []
    for closure in closures:
        if limit == 1 or closure.needs:
            yield [closure.overlay]
            continue
        overlay = _look(snapshot, closure)
        if overlay.alone:
            yield [overlay.path]
            continue
        home = next((batch for batch in batches if batch.takes(overlay, limit)), None)
        if home is None:
            home = _Batch([], 0, False)
            batches.append(home)
        home.add(overlay)
        if len(home.members) >= limit:
            batches.remove(home)
            yield home.overlays
        elif len(batches) > _OPEN_BATCHES:  # keeps this linear
            fullest = max(batches, key=lambda batch: (len(batch.members), batch.weight))
            batches.remove(fullest)
            yield fullest.overlays
    for batch in batches:
        yield batch.overlays


def _look(snapshot: Snapshot, closure: Closure) -> _Overlay:
    files = [path for path in closure.paths if snapshot.entries[path].mode != SYMLINK]
    contents = list(snapshot.read_many(files).values())
    raw = b"\n".join(contents)
    text = _CONTINUATION.sub(b"", raw)
    prefixed = not _RENAMING_KEYS.isdisjoint(closure.keys)
    renamed = set(closure.generated)
    if prefixed:
        renamed.update(name for data in contents for name in _names(data))
    alone = not closure.keys <= _LOCAL_KEYS or bool(_UNSAFE.search(text))
    if prefixed and _ANCHOR.search(text):
        alone = True  # a name may be an alias, which `_names` doesn't follow
    return _Overlay(
        path=closure.overlay,
        alone=alone,
        weight=len(files) + raw.count(b"\n---"),
        namespace=closure.namespace,
        cluster_wide=bool(_CLUSTER_WIDE.search(text)),
        prefixed=prefixed,
        renamed=frozenset(name.encode("utf-8", "surrogatepass") for name in renamed if name),
        text=text,
    )


def _names(data: bytes) -> Iterator[str]:
    """The names of the objects in a file, those in lists of objects too."""
    path: list[str | None] = []
    keys: list[str | None] = []
    mappings: list[bool] = []
    try:
        for event in events(data):
            yield from _name(event, path, keys, mappings)
    except (yaml.YAMLError, UnicodeDecodeError):
        return  # no manifest, or one that kustomize will complain of


def _name(
    event: Event, path: list[str | None], keys: list[str | None], mappings: list[bool]
) -> Iterator[str]:
    if isinstance(event, CollectionEndEvent):
        path.pop()
        keys.pop()
        mappings.pop()
        if keys and mappings[-1]:
            keys[-1] = None
    elif isinstance(event, CollectionStartEvent):
        path.append(keys[-1] if keys else None)
        keys.append(None)
        mappings.append(isinstance(event, MappingStartEvent))
    elif keys and mappings[-1]:
        value = event.value if isinstance(event, ScalarEvent) else ""
        if keys[-1] is None:
            keys[-1] = value
        else:
            if keys[-1] == "name" and path[-1] == "metadata":
                yield value
            keys[-1] = None
