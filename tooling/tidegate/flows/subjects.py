"""Targets → Subjects: what is around each overlay, and all that decides what is found there."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from tidegate.domain.context import RuleContext
from tidegate.domain.delivery import Delivery
from tidegate.errors import ConfigurationError
from tidegate.flows.cluster_version import cluster_version
from tidegate.flows.examine import Subject
from tidegate.policy.schemas.versions import default_version, resolve
from tidegate.repository import layout
from tidegate.repository.changes import deciding
from tidegate.repository.readings import Readings
from tidegate.repository.release import read_release
from tidegate.repository.targets import release_folders

if TYPE_CHECKING:
    from tidegate.domain.configuration import Configuration
    from tidegate.domain.release import Release
    from tidegate.domain.rulebook import Rulebook
    from tidegate.domain.snapshot import Snapshot
    from tidegate.repository.substitution import Substitutions
    from tidegate.repository.targets import Target


def make_subjects(
    snapshot: Snapshot,
    configuration: Configuration | None,
    targets: Sequence[Target],
    rulebook: Rulebook,
    *,
    kubernetes: str | None,
    released: bool = True,
    readings: Readings | None = None,
    substitutions: Substitutions | None = None,
) -> dict[str, Subject]:
    """Each target's Subject, by its path, with its release only where it is `released`; `readings`
    learn what it says. `substitutions` say what Flux adds to it.
    `kubernetes` counts more than what an environment says of its cluster; where nobody says
    anything, the newest version that is known counts. Raises InputError, or ConfigurationError,
    for one that nobody knows."""
    subjects: dict[str, Subject] = {}
    deployed = release_folders(snapshot) if any(target.delivery for target in targets) else {}
    for target in targets:
        version = kubernetes or _version(snapshot, configuration, target)
        ids = [(path, snapshot.id(path)) for path in deciding(target)]
        ids.append(("released", str(released)))
        delivery = _delivery(configuration, target, deployed)
        around = _around(target, substitutions)
        ids += [(name, "True") for name in sorted(around)]
        key = json.dumps([rulebook.key, version, ids, asdict(delivery) if delivery else None])
        context = partial(
            _context,
            *(snapshot, configuration, target, version, delivery),
            readings=readings or Readings(),
            released=released,
            around=around,
        )
        subjects[target.path] = Subject(target, version, key, context)
    if kubernetes and subjects:
        resolve(kubernetes)
    return subjects


def _around(target: Target, substitutions: Substitutions | None) -> frozenset[str]:
    """The fields of a context that are true for what lies around the target."""
    added = (substitutions.of(target.folder),) if substitutions else ()
    said = [*target.part._asdict().items(), *(pair for a in added for pair in a._asdict().items())]
    return frozenset(name for name, is_so in said if is_so)


def _version(snapshot: Snapshot, configuration: Configuration | None, target: Target) -> str:
    if configuration is None or target.environment is None:
        return default_version()
    return cluster_version(snapshot, configuration.environments[target.environment])


def _context(
    snapshot: Snapshot,
    configuration: Configuration | None,
    target: Target,
    version: str,
    delivery: Delivery | None,
    *,
    readings: Readings,
    released: bool,
    around: frozenset[str],
) -> RuleContext:
    if configuration is None or target.environment is None or target.app is None:
        return RuleContext(
            kubernetes=version,
            delivery=delivery,
            substituted="substituted" in around,
            namespaced="namespaced" in around,
            alone="alone" in around,
            unfinished="unfinished" in around,
        )
    environment = configuration.environments[target.environment]
    release = _release(snapshot, target.environment, target.app, readings) if released else None
    return RuleContext(environment, target.app, release, version)


def _delivery(
    configuration: Configuration | None, target: Target, deployed: Mapping[str, set[str]]
) -> Delivery | None:
    """What Argo CD's own objects have to agree with; where they belong to one environment, its
    releases alone."""
    if configuration is None or not target.delivery:
        return None
    releases = tuple(
        layout.overlay_folder(environment, app)
        for environment, apps in sorted(deployed.items())
        for app in sorted(apps)
        if target.environment in (None, environment)
    )
    return Delivery(configuration.settings.branch, releases)


def _release(snapshot: Snapshot, environment: str, app: str, readings: Readings) -> Release | None:
    try:
        return read_release(snapshot, environment, app, readings)
    except ConfigurationError:
        return None  # `check` tells it where it looks at files that nobody renders
