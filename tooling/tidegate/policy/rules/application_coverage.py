"""Each release is applied by exactly one Application, or one generator of Applications."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import NamedTuple

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.rules.applications import (
    APPLICATION,
    SET,
    Generator,
    find_applications,
    find_generators,
    is_template,
)
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Found, Rule
from tidegate.policy.rules.shapes import entries, text

_MAKERS = frozenset({APPLICATION, SET})


class _Claim(NamedTuple):
    """What applies a release."""

    manifest: Manifest
    place: FieldPath


class _Claims(NamedTuple):
    """Who applies each release; `unknown` where only Argo CD can tell."""

    of: dict[str, list[_Claim]]
    unknown: bool


def _judge_missing(inventory: Inventory) -> Iterator[Found]:
    claims = inventory.once("claims", _claims)
    if claims.unknown or not inventory.kinds.get(SET):
        return
    for folder, found in claims.of.items():
        if not found:
            yield Found(f"no Application applies {folder}, which has a release", None)


def _judge_twice(inventory: Inventory) -> Iterator[Found]:
    for folder, found in inventory.once("claims", _claims).of.items():
        for claim in found[1:]:
            first = title(found[0].manifest)
            message = f"{title(claim.manifest)} applies {folder}, and {first} applies it too"
            yield Found(message, claim.manifest.id, claim.place)


def _claims(inventory: Inventory) -> _Claims:
    delivery = inventory.context.delivery
    folders = delivery.releases if delivery else ()
    found: dict[str, list[_Claim]] = {folder: [] for folder in folders}
    unknown = False
    for generator in find_generators(inventory):
        unknown = unknown or any(map(is_template, generator.patterns))
        for folder in folders:
            if _matches(generator, folder):
                found[folder].append(_Claim(generator.manifest, generator.path))
    for application in find_applications(inventory):
        for path, source in application.sources:
            folder = text(source.get("path")).strip("/")
            if application.manifest.id.kind == APPLICATION and folder in found:
                found[folder].append(_Claim(application.manifest, (*path, "path")))
    return _Claims(found, unknown)


def _matches(generator: Generator, folder: str) -> bool:
    """Whether a git generator makes something of the folder, as Argo CD matches: in paths of files
    a star means slashes too, in those of folders it doesn't."""
    file = f"{folder}/release.yaml"
    wanted = left_out = False
    for kind, path in (("files", file), ("directories", folder)):
        for _, item in entries(generator.git, kind):
            pattern = text(item.get("path")).strip("/")
            if not fnmatchcase(path, pattern):
                continue
            if kind == "directories" and pattern.count("/") != path.count("/"):
                continue
            wanted = wanted or item.get("exclude") is not True
            left_out = left_out or item.get("exclude") is True
    return wanted and not left_out


MISSING = Rule(
    "application-missing",
    Severity.DENY,
    "delivery",
    why="A release that no Application applies is committed, and never runs.",
    fix="Let the environment's ApplicationSet look for environments/<env>/*/release.yaml.",
    link="https://argo-cd.readthedocs.io/en/stable/operator-manual/applicationset/Generators-Git/",
    judge=_judge_missing,
    about=_MAKERS,
)
TWICE = Rule(
    "application-twice",
    Severity.DENY,
    "delivery",
    why="Two Applications of the same objects undo each other's changes, without end.",
    fix="Leave the release to one of them.",
    link="https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/#fail-the-sync-if-a-shared-resource-is-found",
    judge=_judge_twice,
    about=_MAKERS,
)
