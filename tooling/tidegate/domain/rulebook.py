"""Everything that overlays are held against: one value, sent to every worker."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tidegate.domain.admission import AdmissionPolicy, Binding, Parameter
    from tidegate.domain.custom_kind import CustomKind


@dataclass(frozen=True, slots=True)
class Admission:
    """All policies with their bindings and parameters: plain data, which a worker process can be
    sent."""

    policies: tuple[AdmissionPolicy, ...] = ()
    bindings: tuple[Binding, ...] = ()
    parameters: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Rulebook:
    """The repository's admission policies and custom kinds. `key` is the same so long as they
    are; with `strict_kinds` an object without a schema is a finding."""

    admission: Admission
    key: str
    custom: tuple[CustomKind, ...] = ()
    strict_kinds: bool = False
