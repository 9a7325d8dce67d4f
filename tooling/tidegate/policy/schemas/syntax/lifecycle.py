"""How long a container's hooks may sleep (pkg/apis/core/validation: validateSleepAction)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, number, part
from tidegate.policy.schemas.syntax.words import wrong
from tidegate.policy.schemas.versions import Minor

_HOOKS = ("postStart", "preStop")
_GRACE = 30  # what the server takes where nobody says
_NONE_ALLOWED = (1, 33)


def judge_sleeps(pod: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """Every hook that sleeps, which must have ended when the pod's grace period has."""
    grace = number(pod.get("terminationGracePeriodSeconds"))
    grace = _GRACE if grace is None else grace
    if grace < 0:
        return
    least = 0 if minor >= _NONE_ALLOWED else 1
    for key in ("initContainers", "containers"):
        for container, where in items(pod.get(key), (*path, key)):
            for hook in _HOOKS:
                seconds = number(part(container, "lifecycle", hook, "sleep").get("seconds"))
                if seconds is None or least <= seconds <= grace:
                    continue
                limits = f"from {least} to terminationGracePeriodSeconds, {grace}"
                yield wrong((*where, "lifecycle", hook, "sleep", "seconds"), seconds, limits)
