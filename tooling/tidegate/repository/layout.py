"""Where things lie in a Tidegate repository."""

from __future__ import annotations

import re

from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem

SETTINGS = "tidegate.yaml"
APPS, ENVIRONMENTS, POLICIES = "apps", "environments", "policies"
GATE_SETS, WAIVERS = f"{POLICIES}/gates", f"{POLICIES}/waivers"
ADMISSION, DEFINITIONS = f"{POLICIES}/admission", f"{POLICIES}/schemas/crds"
COMPONENTS, ARGOCD = "components", "argocd"

# What Kubernetes allows as a label: names become namespaces, branches and parts of trailers.
NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
NAME_RULE = "lower-case letters, digits and '-', at most 63"

KUSTOMIZATIONS = ("kustomization.yaml", "kustomization.yml", "Kustomization")


def app_file(app: str) -> str:
    """What an app is."""
    return f"{APPS}/{app}/app.yaml"


def environment_file(environment: str) -> str:
    """What an environment is."""
    return f"{ENVIRONMENTS}/{environment}/environment.yaml"


def overlay_folder(environment: str, app: str) -> str:
    """The folder that Argo CD renders."""
    return f"{ENVIRONMENTS}/{environment}/{app}"


def overlay_file(snapshot: Snapshot, environment: str, app: str) -> str | None:
    """The overlay's kustomization."""
    return kustomization_file(snapshot, overlay_folder(environment, app))


def overlay_files(environment: str, app: str) -> tuple[str, ...]:
    """The three paths that an overlay's kustomization may have."""
    return kustomization_files(overlay_folder(environment, app))


def kustomization_files(folder: str) -> tuple[str, ...]:
    """The three paths that a folder's kustomization may have."""
    return tuple(f"{folder}/{name}" if folder else name for name in KUSTOMIZATIONS)


def kustomization_file(snapshot: Snapshot, folder: str) -> str | None:
    """A folder's kustomization, whichever of kustomize's three names it has."""
    return next((path for path in kustomization_files(folder) if path in snapshot), None)


def argocd_folder(environment: str) -> str:
    """Argo CD's own objects of an environment."""
    return f"{ENVIRONMENTS}/{environment}/{ARGOCD}"


def release_file(environment: str, app: str) -> str:
    """The record beside the overlay."""
    return f"{overlay_folder(environment, app)}/release.yaml"


def blocks_file(environment: str, app: str) -> str:
    """The versions that must not come back."""
    return f"{overlay_folder(environment, app)}/blocks.yaml"


def hold_files(environment: str, app: str) -> tuple[str, str]:
    """Where a hold of the whole environment and one of the app would lie."""
    return environment_hold(environment), app_hold(environment, app)


def environment_hold(environment: str) -> str:
    """What holds every app of an environment."""
    return f"{ENVIRONMENTS}/{environment}/hold.yaml"


def app_hold(environment: str, app: str) -> str:
    """What holds an app in an environment."""
    return f"{overlay_folder(environment, app)}/hold.yaml"


def require_file(snapshot: Snapshot, path: str) -> None:
    """Raises ConfigurationError where the path is there, and no regular file."""
    if path in snapshot and not snapshot.is_file(path):
        message = "is a folder, a symbolic link or a submodule"
        raise ConfigurationError([Problem.whole(path, message, expected="a regular file")])
