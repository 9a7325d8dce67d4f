"""What stands in the place of evidence that there is none of."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Unavailable:
    """Evidence that should be there and isn't; `reason` says why, in words for the user."""

    reason: str
