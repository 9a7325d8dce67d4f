"""Namespaces (k8s.io/pod-security-admission/api: PolicyToEvaluate)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.metadata import judge_finalizers
from tidegate.policy.schemas.syntax.reading import part
from tidegate.policy.schemas.syntax.words import wrong
from tidegate.policy.schemas.words import choice, shown, suggestion

_MODES = ("enforce", "audit", "warn")
_LEVELS = ("privileged", "baseline", "restricted")
_VERSION = re.compile(r"latest|v1\.(0|[1-9][0-9]{0,3})")


def judge_namespace(data: dict[str, Any]) -> Iterator[Flaw]:
    """A Namespace: what it waits for, and which pods its labels allow."""
    yield from judge_finalizers(part(data, "spec"), ("spec",))
    labels, path = part(data, "metadata", "labels"), ("metadata", "labels")
    for mode in _MODES:
        key = f"pod-security.kubernetes.io/{mode}"
        level, version = labels.get(key), labels.get(f"{key}-version")
        if isinstance(level, str) and level not in _LEVELS:
            hint = suggestion(level, _LEVELS)
            yield Flaw((*path, key), f"is {shown(level)}; expected {choice(_LEVELS)}{hint}")
        if isinstance(version, str) and not _VERSION.fullmatch(version):
            yield wrong((*path, f"{key}-version"), version, "'latest' or one such as 'v1.36'")
