"""Everything that overlays are held against: one value, sent to every worker."""

from __future__ import annotations

from dataclasses import dataclass

from tidegate.domain.admission import Admission
from tidegate.domain.custom_kind import CustomKind


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The repository's admission policies and custom kinds. `key` is the same so long as they
    are; with `strict_kinds` an object without a schema is a finding."""

    admission: Admission
    key: str
    custom: tuple[CustomKind, ...] = ()
    strict_kinds: bool = False
