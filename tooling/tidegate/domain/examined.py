"""What a check looks at, one overlay or file at a time, and what it finds there."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.finding import Inspection
from tidegate.domain.location import Location


@dataclass(frozen=True, slots=True)
class Examined:
    """An overlay's Inspection with the place of each of its violations, in their order."""

    inspection: Inspection
    places: tuple[Location, ...]
    cached: bool = False

    @property
    def overlay(self) -> str:
        """The overlay that was looked at."""
        return self.inspection.overlay
