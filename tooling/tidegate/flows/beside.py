"""Overlays → what is wrong around them, in files that nobody renders."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.text import nearest
from tidegate.repository import layout

if TYPE_CHECKING:
    from tidegate.domain.configuration import Configuration
    from tidegate.domain.snapshot import Snapshot
    from tidegate.repository.targets import Target

APP_MISSING = "app-missing"

_GENERATOR = (
    "https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/"
)


def judge_beside(
    snapshot: Snapshot, configuration: Configuration, targets: Sequence[Target]
) -> Iterator[Finding]:
    """Everything that the files around these targets have wrong."""
    for target in targets:
        yield from _without_app(snapshot, configuration, target)


def _without_app(
    snapshot: Snapshot, configuration: Configuration, target: Target
) -> Iterator[Finding]:
    """An overlay that belongs to no app: its release, which Argo CD applies, or its kustomization,
    which nobody does."""
    environment, app = target.environment, target.app
    if environment is None or app is None or app in configuration.apps:
        return
    place = layout.release_file(environment, app)
    applied = place in snapshot
    if applied and "/" in app:
        message = "lies too deep for an app's release, and Argo CD applies its folder all the same"
        fix = f"move the folder to {layout.ENVIRONMENTS}/{environment}/"
    else:
        what = "Argo CD applies this folder all the same" if applied else "no promotion comes here"
        message = f"{layout.app_file(app)} does not exist, and {what}"
        near = nearest(app, configuration.apps)
        meant = f"call the folder as the app is called (did you mean '{near}'?), " if near else ""
        fix = f"{meant}add {layout.app_file(app)}, or remove the folder"
    severity = Severity.DENY if applied else Severity.WARN
    kustomization = layout.overlay_file(snapshot, environment, app)
    where = Location(place if applied else kustomization or target.path, 1, 1)
    violation = Violation(APP_MISSING, severity, message, fix=fix, link=_GENERATOR)
    yield Finding(target.path, violation, where, environment, app)
