"""What a commit says that it did to an app: the trailers that Tidegate writes."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

from tidegate.domain.commit import Commit
from tidegate.domain.release import Release
from tidegate.flows.message import HOLD, LIFT, PROMOTION, REQUESTED_BY, ROLLBACK
from tidegate.repository.release import evidence_digest


@dataclass(frozen=True, slots=True)
class Claim:
    """The trailer's key; `came_from` is the version that ran before a rollback, `none` where no
    record knew of it; `versions` are those whose blocks were lifted."""

    key: str
    came_from: str | None = None
    versions: tuple[str, ...] = ()


def claim_of_release(commit: Commit, environment: str, app: str, release: Release) -> Claim | None:
    """The claim to have written this very release there, by a promotion or a rollback. Of a merge
    or a squash, what it brought counts too."""
    digest = evidence_digest(release.evidence)
    brought = f"@{release.version} {release.image.digest} {digest}"
    for key, text in commit.told(PROMOTION, ROLLBACK):
        goes, _, came = text.partition(" from ")
        if not (goes.startswith(f"{environment}/{app} ") and goes.endswith(brought)):
            continue
        if key == PROMOTION and not came:
            return Claim(key)
        if key == ROLLBACK and came:
            # What ran may have been put there by a hand, and then no record knows of it.
            return Claim(key, unquote(came.split(" ")[0].rpartition("@")[2]) or "none")
    return None


def asked_for(commit: Commit, environment: str, app: str) -> str | None:
    """Who asked for what a commit claims to have promoted or rolled back there, as it says; None
    where it claims no such thing: then a hand wrote it, and could name anybody."""
    place = f"{environment}/{app} "
    if any(text.startswith(place) for _, text in commit.told(PROMOTION, ROLLBACK)):
        return next(iter(commit.words(REQUESTED_BY)), None)
    return None


def claim_of_hold(commit: Commit, environment: str, app: str | None) -> Claim | None:
    """The claim to have held, or let go, an app or the environment."""
    name = f"{environment}/{app}" if app else environment
    for key, text in commit.told(HOLD, LIFT):
        place, *versions = text.split(" ")
        if place == name:
            return Claim(key, versions=tuple(versions))
    return None
