"""What an environment's cluster is, as far as manifests must fit it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from tidegate.domain.location import Location


@dataclass(frozen=True, slots=True)
class Cluster:
    """`kubernetes` is a minor version such as `1.33`, None where nobody said. `provides` lists
    what is there without this repository, as `Kind/name` or `Kind/namespace/name` with `*` for
    any; `components` what runs there (`istio: 1.24.2`), and `compatibility` which versions of
    what may be used there (`istio: ">=1.22 <1.26"`)."""

    kubernetes: str | None = None
    provides: tuple[str, ...] = ()
    components: Mapping[str, str] = field(default_factory=dict)
    compatibility: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RuleSetting:
    """What an environment says of one of our own rules: how severe it is there (None: as usual;
    `Off`: not asked), and the rule's settings."""

    rule: str
    severity: str | None
    settings: Mapping[str, Any]
    where: Location
