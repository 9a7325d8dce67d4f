"""The record beside each overlay: what runs there, on which evidence, and what ran before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.image import ImageRef


@dataclass(frozen=True, slots=True)
class PreviousRelease:
    """What a release replaced."""

    model: str
    version: str
    image: ImageRef


@dataclass(frozen=True, slots=True)
class Release:
    """`evidence` is what was measured and judged, in plain JSON types, so that its digest can be
    made again from the file alone. `image` has a tag and a digest."""

    app: str
    environment: str
    model: str
    version: str
    run_id: str | None
    image: ImageRef
    evidence: Mapping[str, Any] = field(default_factory=dict)
    previous: PreviousRelease | None = None

    def as_previous(self) -> PreviousRelease:
        """This release, as its successor remembers it."""
        return PreviousRelease(self.model, self.version, self.image)


@dataclass(frozen=True, slots=True)
class OverlayState:
    """What an overlay says by itself. `repository` is the image's `newName`, or its name."""

    repository: str
    tag: str | None
    digest: str | None
    version: str | None


def disagreements(release: Release, overlay: OverlayState) -> tuple[str, ...]:
    """Each thing that the overlay says otherwise than the release beside it."""
    pairs = (
        ("image", overlay.repository, release.image.name),
        ("tag", overlay.tag, release.image.tag),
        ("digest", overlay.digest, release.image.digest),
        ("version label", overlay.version, release.version),
    )
    return tuple(
        f"{what}: the overlay says {ours or 'nothing'}, the release {theirs or 'nothing'}"
        for what, ours, theirs in pairs
        if ours != theirs
    )
