"""What Argo CD's own objects have to agree with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a repository has for Argo CD to apply: the `branch` that releases are committed to, None
    for the remote's own choice, and the folders that have a release, `environments/<env>/<app>`."""

    branch: str | None
    releases: tuple[str, ...]
