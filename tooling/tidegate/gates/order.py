"""Gate `order`: the environment before this one runs this very version and digest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.gate import GateResult, Status


@dataclass(frozen=True, slots=True)
class Order:
    """Has no settings: which environment comes before is the environment's own affair."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset()

    key: str

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Order:  # noqa: ARG003 the gates' common shape
        """Settings that fit the schema → the gate."""
        return cls(key)

    def judge(self, evidence: Evidence) -> GateResult:
        """Looks at the previous environment's release at HEAD."""
        before = evidence.environment.previous
        name = evidence.environment.name
        version, digest = evidence.candidate.version, evidence.candidate.image.digest
        if before is None:
            sentence = f"{name} is the first environment: nothing comes before it"
            return GateResult(self.key, Status.SKIPPED, sentence)
        there = evidence.upstream
        if there is None:
            sentence = (
                f"{before} runs no release of it; promote version {version.version} there first"
            )
            return GateResult(self.key, Status.FAILED, sentence, "none", version.version)
        if (there.model, there.version) != (version.model, version.version):
            sentence = (
                f"{before} runs version {there.version}, not {version.version}; "
                f"promote version {version.version} there first"
            )
            return GateResult(self.key, Status.FAILED, sentence, there.version, version.version)
        if there.image.digest != digest:
            sentence = f"{before} runs version {there.version} with another image"
            return GateResult(self.key, Status.FAILED, sentence, there.image.digest, digest)
        sentence = f"{before} runs this very version and digest"
        return GateResult(self.key, Status.PASSED, sentence, there.version, version.version)
