"""What is waited for: each app's release in an environment, as a commit and a digest."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tidegate.domain.app import Environment
from tidegate.domain.configuration import Configuration
from tidegate.domain.live import Goal
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.source import Origin
from tidegate.domain.sync import Aim
from tidegate.errors import InputError, OutsideError
from tidegate.flows.target import find_app, read_target
from tidegate.ports import Repository
from tidegate.repository import layout

_COMMIT = re.compile(r"[0-9a-f]{7,64}")


def read_aims(
    snapshot: Snapshot,
    configuration: Configuration,
    environment: Environment,
    apps: Sequence[str],
    revision: str,
    origin: Origin,
) -> list[Aim]:
    """The apps' releases in a Snapshot, to be waited for from `revision` on. Raises InputError
    for an unknown app, and for one that was never promoted there."""
    return [
        _aim(snapshot, configuration, environment, app, revision, origin)
        for app in dict.fromkeys(apps)
    ]


def find_commit(repository: Repository, head: str, revision: str | None) -> str:
    """The commit that is waited for, in full: the head, or an earlier one that was named. Raises
    InputError."""
    if revision is None:
        return head
    if not _COMMIT.fullmatch(revision):
        raise InputError(f"{revision!r} is no commit", hint="name it by its SHA")
    try:
        # The newest commit that it shares with the head is itself, where it is behind the head.
        whole = repository.fork(revision, head)
        behind = whole is not None and repository.contains(head, revision)
    except OutsideError:
        behind = False
    if not behind or whole is None:
        raise InputError(f"{repository.branch} has no commit {revision}")
    return whole


def _aim(
    snapshot: Snapshot,
    configuration: Configuration,
    environment: Environment,
    app: str,
    revision: str,
    origin: Origin,
) -> Aim:
    target = read_target(snapshot, find_app(configuration, app), environment)
    release, overlay = target.champion, target.overlay
    if release is None:
        raise InputError(
            f"{app} was never promoted to {environment.name}",
            hint=f"promote it first: tidegate promote {app} --to {environment.name}",
        )
    if overlay.digest is None:
        raise InputError(
            f"{target.overlay_file} names no digest, so that nobody can tell what should run",
            hint="somebody edited it by hand: promote the version again",
        )
    folder = layout.overlay_folder(environment.name, app)
    goal = Goal(revision, overlay.repository, overlay.digest, folder, origin)
    return Aim(target.app, release.model, release.version, goal)
