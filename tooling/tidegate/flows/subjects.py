"""Targets → Subjects: what is around each overlay, and all that decides what is found there."""

from __future__ import annotations

import json
from collections.abc import Sequence

from tidegate.domain.configuration import Configuration
from tidegate.domain.context import RuleContext
from tidegate.domain.release import Release
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.flows.examine import Subject
from tidegate.flows.target import read_release
from tidegate.policy.rulebook import Rulebook
from tidegate.policy.schemas import default_version
from tidegate.policy.schemas.versions import resolve
from tidegate.repository import layout
from tidegate.repository.discovery import Target


def make_subjects(
    snapshot: Snapshot,
    configuration: Configuration | None,
    targets: Sequence[Target],
    rulebook: Rulebook,
    *,
    kubernetes: str | None,
) -> dict[str, Subject]:
    """Each target's Subject, by its path. `kubernetes` counts more than what an environment says
    of its cluster; where nobody says anything, the newest version that is known counts. Raises
    InputError for one that nobody knows."""
    subjects: dict[str, Subject] = {}
    for target in targets:
        context = _context(snapshot, configuration, target, kubernetes)
        files = _deciding(target)
        ids = [(path, snapshot.id(path)) for path in files]
        key = json.dumps([rulebook.key, context.kubernetes, ids])
        subjects[target.path] = Subject(target.path, target.plain, context, key)
    for version in {str(subject.context.kubernetes) for subject in subjects.values()}:
        resolve(version)
    return subjects


def _context(
    snapshot: Snapshot,
    configuration: Configuration | None,
    target: Target,
    kubernetes: str | None,
) -> RuleContext:
    if configuration is None or target.environment is None or target.app is None:
        return RuleContext(kubernetes=kubernetes or default_version())
    environment = configuration.environments[target.environment]
    app = configuration.apps[target.app]
    version = kubernetes or environment.cluster.kubernetes or default_version()
    release = _release(snapshot, target.environment, target.app)
    return RuleContext(environment, app, release, version)


def _release(snapshot: Snapshot, environment: str, app: str) -> Release | None:
    try:
        return read_release(snapshot, environment, app)
    except ConfigurationError:
        return None  # whoever promotes is told of it; here it is about what would be applied


def _deciding(target: Target) -> list[str]:
    if target.environment is None or target.app is None:
        return []
    return [
        layout.environment_file(target.environment),
        layout.app_file(target.app),
        layout.release_file(target.environment, target.app),
    ]
