"""Which Kubernetes an environment's manifests are held against."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tidegate.errors import ConfigurationError, InputError
from tidegate.policy.schemas.versions import default_version, known_versions, resolve, written
from tidegate.repository import layout
from tidegate.repository.yaml import load

if TYPE_CHECKING:
    from tidegate.domain.app import Environment
    from tidegate.domain.snapshot import Snapshot


def cluster_version(snapshot: Snapshot, environment: Environment) -> str:
    """The version of its cluster, or the newest known where it says none. Raises
    ConfigurationError, with the line, for one that there are no schemas for."""
    version = environment.cluster.kubernetes
    try:
        return written(resolve(version)) if version else default_version()
    except InputError:
        file = layout.environment_file(environment.name)
        document = load(file, snapshot.read(file))
        first, *_, last = known_versions()
        message = f"is '{version}', which there are no schemas for"
        expected = f"a version from {first} to {last}"
        path = ("cluster", "kubernetes")
        raise ConfigurationError([document.problem(path, message, expected)]) from None
