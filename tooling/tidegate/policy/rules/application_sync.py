"""How an Application is kept as Git says: by itself, in a project, from the releases' branch."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.delivery import Delivery
from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.applications import (
    APPLICATION,
    GROUPS,
    PROJECT,
    SET,
    find_applications,
    find_generators,
    is_template,
    own_repositories,
)
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import at, mapping, shown, text

_MAKERS = frozenset({APPLICATION, SET})
_ON = ("prune", "selfHeal")


def _judge_automated(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    for application in find_applications(inventory):
        path = (*application.path, "syncPolicy", "automated")
        automated = at(application.spec, "syncPolicy", "automated")
        patched = "templatePatch" in mapping(application.manifest.data.get("spec"))
        if not isinstance(automated, dict):
            message = f"{application.title} isn't synced by Argo CD itself: it has no `automated`"
            yield Found(message, application.manifest.id, path[:-1], not patched)
            continue
        if automated.get("enabled") is False:
            message = f"{application.title} has automated sync switched off"
            yield Found(message, application.manifest.id, (*path, "enabled"), not patched)
        for key in _ON:
            if automated.get(key) is not True:
                message = f"{application.title} is synced without {key}"
                place = (*path, key) if key in automated else path
                yield Found(message, application.manifest.id, place, not patched)


def _judge_project(inventory: Inventory) -> Iterator[Found]:
    if inventory.context.delivery is None:
        return
    known = {manifest.id.name for manifest in inventory.of(PROJECT, groups=GROUPS)}
    for application in find_applications(inventory):
        place = (*application.path, "project")
        name = application.project
        if name == "default":
            message = f"{application.title} is in the project 'default', which allows everything"
            yield Found(message, application.manifest.id, place)
        elif known and name not in known and not is_template(name):
            message = f"{application.title} is in the project '{shown(name)}', which isn't here"
            yield Found(message, application.manifest.id, place, certain=False)


def _judge_revision(inventory: Inventory) -> Iterator[Found]:
    delivery = inventory.context.delivery
    if delivery is None or delivery.branch is None:
        return
    ours = own_repositories(inventory)
    for application in find_applications(inventory):
        for path, source in application.sources:
            if text(source.get("repoURL")) in ours:
                place = (*path, "targetRevision")
                said = text(source.get("targetRevision"))
                yield from _other(application.manifest, application.title, place, said, delivery)
    for generator in find_generators(inventory):
        if text(generator.git.get("repoURL")) in ours:
            name = f"a generator of {title(generator.manifest)}"
            said = text(generator.git.get("revision"))
            place = (*generator.path, "revision")
            yield from _other(generator.manifest, name, place, said, delivery)


def _other(
    manifest: Manifest, name: str, place: FieldPath, said: str, delivery: Delivery
) -> Iterator[Found]:
    branch = delivery.branch
    if said not in (branch, f"refs/heads/{branch}") and not is_template(said):
        what = f"'{shown(said)}'" if said else "no revision, so the remote's own branch"
        message = f"{name} follows {what}; releases are committed to '{branch}'"
        yield Found(message, manifest.id, place)


AUTOMATED = Rule(
    "application-automated",
    Severity.DENY,
    "delivery",
    why="Without prune and selfHeal the cluster keeps what Git dropped, and what hands changed.",
    fix="Set syncPolicy.automated with prune: true and selfHeal: true.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/auto_sync/",
    judge=_judge_automated,
    about=_MAKERS,
)
PROJECT_NAMED = Rule(
    "application-project",
    Severity.DENY,
    "delivery",
    why="The project `default` lets an Application take anything from anywhere to anywhere.",
    fix="Name the environment's own AppProject in spec.project.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/projects/",
    judge=_judge_project,
    about=_MAKERS,
)
REVISION = Rule(
    "application-revision",
    Severity.DENY,
    "delivery",
    why="Where Argo CD follows another branch, a release is committed and never arrives.",
    fix="Follow the branch that tidegate.yaml names under git.branch.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/tracking_strategies/",
    judge=_judge_revision,
    about=_MAKERS,
)
