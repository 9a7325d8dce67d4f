"""What rules that compare overlays remember of each: small facts in plain JSON types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.app import Environment
from tidegate.domain.manifest import FieldPath, ObjectId
from tidegate.policy.rules.shapes import sequence, text

BELONGS = "belongs"


@dataclass(frozen=True, slots=True)
class OverlayFacts:
    """One overlay's facts, as `collect` made them."""

    name: str
    environment: str
    app: str
    facts: Mapping[str, Any]

    def list_of(self, key: str) -> Sequence[Any]:
        """The list under a key; empty where there is none."""
        return sequence(self.facts.get(key))


@dataclass(frozen=True, slots=True)
class Landscape:
    """All overlays that are looked at, by name, and the environments."""

    overlays: tuple[OverlayFacts, ...]
    environments: Mapping[str, Environment]


def read_facts(overlay: str, facts: Mapping[str, Any]) -> OverlayFacts | None:
    """An overlay's facts; None for one outside a Tidegate repository."""
    belongs = sequence(facts.get(BELONGS))
    if len(belongs) != 2 or not text(belongs[0]):
        return None
    return OverlayFacts(overlay, text(belongs[0]), text(belongs[1]), facts)


def write_id(id_: ObjectId) -> list[str]:
    """An object's id, as facts hold it."""
    return list(id_)


def read_id(value: object) -> ObjectId | None:
    """An object's id out of facts."""
    parts = sequence(value)
    return ObjectId(*map(text, parts)) if len(parts) == 4 else None


def read_path(value: object) -> FieldPath:
    """A field path out of facts."""
    return tuple(part for part in sequence(value) if isinstance(part, str | int))
