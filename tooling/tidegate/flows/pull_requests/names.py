"""The branches of pull requests: safe in a ref, readable, and the same for the same thing."""

from __future__ import annotations

ROOM = "tidegate"
_BATCHES = "tidegate-batch"


def app_branch(environment: str, app: str) -> str:
    """The branch of an app's pull request; names of apps and environments are safe in it."""
    return f"{ROOM}/{environment}/{app}"


def batch_branch(environment: str, name: str) -> str:
    """The branch of a pull request for several apps."""
    return f"{_BATCHES}/{environment}/{name}"


def is_of(branch: str, environment: str) -> bool:
    """Whether a branch is one of ours that changes what runs in the environment."""
    return branch.startswith((f"{ROOM}/{environment}/", f"{_BATCHES}/{environment}/"))
