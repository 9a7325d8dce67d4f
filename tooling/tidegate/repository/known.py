"""What is known of files by their ids, so that one that hasn't changed isn't parsed again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from tidegate.domain.location import Location

if TYPE_CHECKING:
    from tidegate.repository.references import References
    from tidegate.repository.yaml import Document

# A repository of 10,000 overlays has about 30,000 of them, of 200 bytes each.
_MOST = 200_000


def known_key(place: str) -> str:
    """The key under which a cache keeps what is known of the files of a place."""
    return hashlib.sha256(f"known 4 {place}".encode("utf-8", "surrogatepass")).hexdigest()


class Known:
    """By a file's id: what a kustomization refers to, whether a file that is referred to is
    sound (a release, hold or block by its path too), and by kind and id the data of documents
    that fit their schemas, with the places of their keys where anybody will ask for them. Grows
    as files are looked at; only what is right of a text wherever it stands is kept."""

    def __init__(self) -> None:
        self.references: dict[str, References] = {}
        self.sound: set[str] = set()
        self.documents: dict[str, tuple[Any, list[tuple[list[str | int], int, int]]]] = {}
        self._loaded = 0

    def has(self, kind: str, identity: str | None) -> bool:
        """Whether there is a sound document of a kind with this id."""
        return f"{kind} {identity}" in self.documents

    def document(self, kind: str, identity: str, file: str) -> Document | None:
        """A sound document of a kind, at the path where the text is found now."""
        found = self.documents.get(f"{kind} {identity}")
        if found is None:
            return None
        from tidegate.repository.yaml import Document

        data, places = found
        return Document(file, data, {tuple(key): Location(file, *at) for key, *at in places})

    def learn(self, kind: str, identity: str, document: Document) -> None:
        """Keeps a sound document."""
        kept = []
        if kind != "app" or _asks_for_places(document.data):
            kept = [(list(key), place.line, place.column) for key, place in document.places.items()]
        self.documents[f"{kind} {identity}"] = (document.data, kept)

    @property
    def grown(self) -> bool:
        """Whether there is more than what was loaded."""
        return self._size() > self._loaded

    def dump(self) -> bytes:
        """The bytes that `load_known` reads; nothing is left of more than fits."""
        if self._size() > _MOST:
            return b""
        documents = self.documents
        data = {"references": self.references, "sound": sorted(self.sound), "documents": documents}
        return json.dumps(data, separators=(",", ":")).encode("ascii")

    def _size(self) -> int:
        return len(self.references) + len(self.sound) + len(self.documents)


def load_known(data: bytes | None) -> Known:
    """What `dump` wrote; nothing is known where the bytes are anything else."""
    known = Known()
    if not data:
        return known
    from tidegate.domain.image_entry import ImageEntry
    from tidegate.domain.patch_target import PatchTarget
    from tidegate.repository.references import Reference, References

    def references(item: list[Any]) -> References:
        entries, keys, generated, namespace, images, patches = item
        return References(
            tuple([Reference._make(entry) for entry in entries]),
            tuple(keys),
            tuple(generated),
            namespace,
            tuple([ImageEntry._make(image) for image in images]),
            tuple([PatchTarget._make(patch) for patch in patches]),
        )

    try:
        found = json.loads(data)
        known.references = {key: references(item) for key, item in found["references"].items()}
        known.sound = set(found["sound"])
        known.documents = {
            key: (data, places) for key, (data, places) in found["documents"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Known()
    known._loaded = known._size()
    return known


def _asks_for_places(app: Mapping[str, Any]) -> bool:
    """Whether anything in a sound app.yaml may still be told with its place. In most, and there
    are many of them, nothing is."""
    names = [metric["name"] for metric in app["metrics"]]
    return "gates" in app or len(set(names)) < len(names)
