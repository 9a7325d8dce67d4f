"""What an AppProject lets the apps of an environment have, and its roles do."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import Manifest
from tidegate.policy.rules.applications import (
    GROUPS,
    PROJECT,
    find_applications,
    is_template,
    serves_releases,
)
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, entries, sequence, shown, text

_PROJECTS = frozenset({PROJECT})
_ALLOWED = frozenset({("applications", "get"), ("applications", "sync"), ("logs", "get")})
_EVERYTHING = "*"
_DESTINATIONS = ("spec", "destinations")


def _judge_cluster_kinds(inventory: Inventory) -> Iterator[Found]:
    for manifest in _of_apps(inventory):
        namespaces = {
            text(item.get("namespace")) for _, item in entries(manifest.data, *_DESTINATIONS)
        } - {"", _EVERYTHING}
        for index, item in entries(manifest.data, "spec", "clusterResourceWhitelist"):
            group_kind = item.get("group"), item.get("kind")
            if group_kind == ("", "Namespace") and text(item.get("name")) in namespaces:
                continue  # Argo CD makes an app's namespace in the project's name
            kind = shown(item.get("kind"))
            message = f"{title(manifest)} lets apps have {kind}, which belongs to the whole cluster"
            yield Found(message, manifest.id, ("spec", "clusterResourceWhitelist", index))


def _judge_window(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    for manifest in inventory.of(PROJECT, groups=GROUPS):
        for index, item in entries(manifest.data, "spec", "syncWindows"):
            if item.get("kind") == "deny":
                message = f"{title(manifest)} has a sync window that denies"
                yield Found(message, manifest.id, ("spec", "syncWindows", index))


def _judge_source(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    projects = {manifest.id.name: manifest for manifest in inventory.of(PROJECT, groups=GROUPS)}
    for manifest in projects.values():
        for index, said in enumerate(sequence(at(manifest.data, "spec", "sourceRepos"))):
            if said == _EVERYTHING:
                message = f"{title(manifest)} takes manifests from any repository"
                yield Found(message, manifest.id, ("spec", "sourceRepos", index))
    for application in find_applications(inventory):
        project = projects.get(application.project)
        if project is None:
            continue
        allowed = [text(item) for item in sequence(at(project.data, "spec", "sourceRepos"))]
        for path, source in application.sources:
            address = text(source.get("repoURL"))
            if is_template(address) or any(_fits(address, pattern) for pattern in allowed):
                continue
            message = (
                f"{application.title} comes from {shown(address)}, which {title(project)} "
                "doesn't list"
            )
            yield Found(message, application.manifest.id, (*path, "repoURL"))


def _judge_role(inventory: Inventory) -> Iterator[Found]:
    for manifest in _of_apps(inventory):
        for index, role in entries(manifest.data, "spec", "roles"):
            for number, said in enumerate(sequence(role.get("policies"))):
                parts = [part.strip() for part in text(said).split(",")]
                allows = len(parts) == 6 and parts[5] == "allow"
                if allows and (parts[2], parts[3]) not in _ALLOWED:
                    message = (
                        f"the role '{shown(role.get('name'))}' of {title(manifest)} may "
                        f"{shown(parts[3])} {shown(parts[2])}"
                    )
                    place = ("spec", "roles", index, "policies", number)
                    yield Found(message, manifest.id, place)


def _of_apps(inventory: Inventory) -> Iterator[Manifest]:
    """The projects that apps of this repository are in."""
    if inventory.context.delivery is None:
        return
    used = {a.project for a in find_applications(inventory) if serves_releases(a)}
    for manifest in inventory.of(PROJECT, groups=GROUPS):
        if manifest.id.name in used:
            yield manifest


def _fits(address: str, pattern: str) -> bool:
    """Whether a project's pattern means an address; what ends in `.git` is the same without."""
    plain, wanted = (text.removesuffix(".git") for text in (address, pattern))
    return fnmatchcase(plain, wanted)


CLUSTER_KINDS = Rule(
    "project-cluster-kinds",
    Severity.DENY,
    "delivery",
    why="What belongs to the whole cluster can take others down with it; no app needs more of it "
    "than its own namespace.",
    fix="List nothing in spec.clusterResourceWhitelist but the kind Namespace, with the name that "
    "spec.destinations has as the namespace.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/projects/",
    judge=_judge_cluster_kinds,
    about=_PROJECTS,
)
SYNC_WINDOW = Rule(
    "project-sync-window",
    Severity.DENY,
    "delivery",
    why="A window that denies also stops the sync of a rollback, at the worst of times.",
    fix="Remove the window; Tidegate's own windows stop promotions, and let rollbacks through.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/sync_windows/",
    judge=_judge_window,
    about=_PROJECTS,
)
SOURCE = Rule(
    "project-source",
    Severity.DENY,
    "delivery",
    why="A project that takes anything can be given manifests that nobody here has reviewed.",
    fix="List this repository's address under spec.sourceRepos, and no pattern that means all.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/projects/",
    judge=_judge_source,
    about=_PROJECTS,
)
ROLE = Rule(
    "project-role",
    Severity.DENY,
    "delivery",
    why="A pipeline's token leaks sooner or later; with get and sync it can do no harm.",
    fix="Allow the role `get` and `sync` on applications, and nothing else.",
    link="https://argo-cd.readthedocs.io/en/stable/operator-manual/rbac/",
    judge=_judge_role,
    about=_PROJECTS,
)
