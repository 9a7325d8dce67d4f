"""Lists of objects: what `kubectl` and Argo CD apply one by one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tidegate.domain.manifest import FieldPath, Manifest, identify

_DEPTH_LIMIT = 3


def is_list(version: str, kind: str) -> bool:
    """Whether a kind stands for many objects, and nobody stores it as one."""
    return kind == "List" and version == "v1"


def unfold(manifest: Manifest, path: FieldPath = ()) -> Iterator[tuple[Manifest, FieldPath]]:
    """The object itself; or each object of a `List`, a `ConfigMapList` and the like, with the
    path to it. An item that doesn't say its kind has the list's, as for every client."""
    data = manifest.data
    items = data.get("items")
    version, kind = manifest.id.api_version, manifest.id.kind
    if not kind.endswith("List") or not isinstance(items, list) or len(path) > _DEPTH_LIMIT:
        yield manifest, path
        return
    for index, item in enumerate(items):
        usual = {} if kind == "List" else {"apiVersion": version, "kind": kind[: -len("List")]}
        own = item if isinstance(item, Mapping) else {}
        whole = own if "kind" in own and "apiVersion" in own else {**usual, **own}
        yield from unfold(
            Manifest(identify(whole), whole, manifest.origin), (*path, "items", index)
        )
