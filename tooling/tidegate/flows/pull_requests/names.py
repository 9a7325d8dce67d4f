"""The branches of pull requests: safe in a ref, readable, and the same for the same thing."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

ROOM = "tidegate"
_BATCHES, _BACK = "tidegate-batch", "tidegate-rollback"
_LONGEST = 100


def app_branch(environment: str, app: str) -> str:
    """The branch of an app's pull request; names of apps and environments are safe in it."""
    return f"{ROOM}/{environment}/{app}"


def batch_branch(environment: str, name: str) -> str:
    """The branch of a pull request for several apps."""
    return f"{_BATCHES}/{environment}/{name}"


def back_branch(environment: str, apps: Sequence[str]) -> str:
    """The branch that takes apps back: that of one app's promotion, whose place it takes, or one
    for these apps together, in whatever order they are named."""
    if len(apps) == 1:
        return app_branch(environment, apps[0])
    return f"{_BACK}/{environment}/{_together(apps)}"


def hold_branch(verb: str, environment: str, apps: Sequence[str]) -> str:
    """The branch that holds these apps together, or lets them go; without any, all of the
    environment. `verb` is `hold` or `release`."""
    if not apps:
        return f"{ROOM}-{verb}-all/{environment}"
    return f"{ROOM}-{verb}/{environment}/{_together(apps)}"


def is_of(branch: str, environment: str) -> bool:
    """Whether a branch is one of ours that changes what runs in the environment."""
    rooms = (ROOM, _BATCHES, _BACK)
    return branch.startswith(tuple(f"{room}/{environment}/" for room in rooms))


def _together(apps: Sequence[str]) -> str:
    """`+` stands in no app's name."""
    names = "+".join(sorted(apps))
    if len(names) <= _LONGEST:
        return names
    digest = hashlib.sha256(names.encode()).hexdigest()[:16]
    return f"{min(apps)}+{len(apps) - 1}-more-{digest}"
