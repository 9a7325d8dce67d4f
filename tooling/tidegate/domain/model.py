"""What the model registry knows: versions, and the runs that they came from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class VersionQuery:
    """One version of a registered model, asked for by number or by alias (exactly one is set)."""

    model: str
    version: str | None = None
    alias: str | None = None

    def __str__(self) -> str:
        wanted = f"version {self.version}" if self.version else f"alias '{self.alias}'"
        return f"{self.model} {wanted}"


@dataclass(frozen=True, slots=True)
class ModelVersion:
    """A version of a registered model that is READY. `version` is a decimal number as text."""

    model: str
    version: str
    run_id: str | None
    source: str
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Run:
    """A training or evaluation run. `metrics` holds each metric's value at its highest step,
    not finite ones included: to refuse those is the gates' work."""

    run_id: str
    metrics: Mapping[str, float] = field(default_factory=dict)
