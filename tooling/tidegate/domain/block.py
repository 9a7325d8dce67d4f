"""A block: a model version that an environment doesn't take back until somebody lifts it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from tidegate.domain.image import ImageRef


@dataclass(frozen=True, slots=True)
class Block:
    """`digest` is there where only that image of the version is meant, None for every image of
    it; `since` is aware of its time zone."""

    model: str
    version: str
    digest: str | None
    by: str
    reason: str
    since: datetime

    def stops(self, model: str, version: str, image: ImageRef) -> bool:
        """Whether it is about that version with that image."""
        same = (self.model, self.version) == (model, version)
        return same and self.digest in (None, image.digest)
