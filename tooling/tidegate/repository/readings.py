"""What sound records and overlays say, kept from one command to the next: most of them are the
same for months, and there may be thousands.

Files go by their ids, so that another content is another file. This is for those who look: what
decides reads the files themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

from tidegate.domain.image import ImageRef
from tidegate.domain.release import OverlayState, PreviousRelease, Release


def readings_key(place: str, environment: str) -> str:
    """The key under which a cache keeps what an environment's files say in a clone."""
    text = f"readings 1 {environment} {place}"
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


class Readings:
    """Grows as files are read; what is wrong with a file is never kept, and told each time."""

    def __init__(self) -> None:
        self._releases: dict[str, Release] = {}
        self._overlays: dict[str, OverlayState] = {}
        self._loaded = 0

    def has_release(self, identity: str) -> bool:
        """Whether it is known what the record with this id says."""
        return identity in self._releases

    def has_overlay(self, identity: str, image: str) -> bool:
        """Whether it is known what the overlay with this id says of an image."""
        return f"{identity} {image}" in self._overlays

    def release(self, identity: str, read: Callable[[], Release]) -> Release:
        """What the record with this id says; where that isn't known yet, by reading it."""
        if identity not in self._releases:
            self._releases[identity] = read()
        return self._releases[identity]

    def overlay(self, identity: str, image: str, read: Callable[[], OverlayState]) -> OverlayState:
        """What the overlay with this id says of an image; likewise."""
        key = f"{identity} {image}"
        if key not in self._overlays:
            self._overlays[key] = read()
        return self._overlays[key]

    @property
    def grown(self) -> bool:
        """Whether there is more than what was loaded."""
        return len(self._releases) + len(self._overlays) > self._loaded

    def dump(self, there: Collection[str]) -> bytes:
        """The bytes that `load_readings` reads, of those files that are `there`, by their ids."""
        data = {
            "releases": {
                key: _fields(item) for key, item in self._releases.items() if key in there
            },
            "overlays": {
                key: [item.repository, item.tag, item.digest, item.version]
                for key, item in self._overlays.items()
                if key.partition(" ")[0] in there
            },
        }
        return json.dumps(data, separators=(",", ":")).encode("ascii")


def load_readings(data: bytes | None) -> Readings:
    """What `dump` wrote; nothing is known where the bytes are anything else."""
    readings = Readings()
    if not data:
        return readings
    try:
        found = json.loads(data)
        readings._releases = {key: _release(item) for key, item in found["releases"].items()}
        readings._overlays = {key: _overlay(*item) for key, item in found["overlays"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Readings()
    readings._loaded = len(readings._releases) + len(readings._overlays)
    return readings


def _fields(item: Release) -> list[Any]:
    before = item.previous
    return [
        *(item.app, item.environment, item.model, item.version, item.run_id),
        *(_image_fields(item.image), item.evidence),
        [before.model, before.version, _image_fields(before.image)] if before else None,
    ]


def _image_fields(image: ImageRef) -> list[str | None]:
    return [image.name, image.tag, image.digest]


def _release(item: list[Any]) -> Release:
    app, environment, model, version, run_id, image, evidence, before = item
    _require_texts(app, environment, model, version, run_id or "")
    if not isinstance(evidence, Mapping):
        raise TypeError(evidence)
    return Release(
        app, environment, model, version, run_id, _image(*image), evidence, _previous(before)
    )


def _previous(before: list[Any] | None) -> PreviousRelease | None:
    if before is None:
        return None
    model, version, image = before
    _require_texts(model, version)
    return PreviousRelease(model, version, _image(*image))


def _image(name: Any, tag: Any, digest: Any) -> ImageRef:
    _require_texts(name, tag, digest)
    return ImageRef(name, tag, digest)


def _overlay(repository: Any, tag: Any, digest: Any, version: Any) -> OverlayState:
    _require_texts(repository, tag or "", digest or "", version or "")
    return OverlayState(repository, tag, digest, version)


def _require_texts(*values: Any) -> None:
    if not all(isinstance(value, str) for value in values):
        raise TypeError(values)
