"""Which way a change of an environment goes: by commit, or by pull request."""

from __future__ import annotations

from tidegate.domain.app import Delivery
from tidegate.domain.route import Route
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import InputError
from tidegate.repository import layout
from tidegate.repository.delivery import read_delivery, read_settings


def choose_route(
    snapshot: Snapshot, environment: str, asked: Delivery | None, *, emergency: bool
) -> Route:
    """The way that was asked for, or the environment's own; by commit where its file can't be
    read. In an `emergency` nothing keeps anybody from a commit. Raises InputError for a way that
    the environment doesn't allow."""
    usual, reviewing = read_delivery(snapshot, environment)
    chosen = asked or usual or Delivery.COMMIT
    route = Route(usual, chosen, reviewing, read_settings(snapshot))
    if usual and route.direct and not emergency:
        require_direct(environment, allowed=reviewing.direct)
    return route


def require_direct(environment: str, *, allowed: bool) -> None:
    """Raises InputError where an environment with pull requests takes no commit without one."""
    if not allowed:
        path = layout.environment_file(environment)
        raise InputError(
            f"{environment} is delivered by pull request",
            hint=f"leave out --direct, or have its owners set pullRequests.direct in {path}",
        )
