"""Component versions stay inside the environment's compatibility table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from tidegate.domain.app import Environment
from tidegate.domain.finding import Severity
from tidegate.policy.outline import CLUSTER
from tidegate.policy.rules.facts import Landscape
from tidegate.policy.rules.inventory import Inventory
from tidegate.policy.rules.references import title
from tidegate.policy.rules.rule import Elsewhere, Found, Rule
from tidegate.policy.rules.shapes import shown, text
from tidegate.policy.rules.sightings import REQUIRES, metadata, sightings
from tidegate.policy.rules.versions import is_within, read_range, read_version

KUBERNETES, FRAMEWORK = "kubernetes", "framework"


def _judge_seen(inventory: Inventory) -> Iterator[Found]:
    environment = inventory.context.environment
    table = environment.cluster.compatibility if environment else {}
    for seen in sightings(inventory) if environment and table else ():
        key = seen.component
        if key not in table and seen.framework:
            key = FRAMEWORK
        if key in table and not _fits(seen.version, table[key]):
            name = environment.name if environment else ""
            message = (
                f"{title(seen.manifest)} has {shown(seen.component)} {shown(seen.version)}, and "
                f"{shown(name)} allows {shown(table[key])}"
            )
            yield Found(message, seen.manifest.id, seen.field)


def _judge_required(inventory: Inventory) -> Iterator[Found]:
    environment = inventory.context.environment
    if environment is None:
        return
    there = dict(_components(environment, inventory.context.kubernetes))
    for manifest, field, said in metadata(inventory):
        for part in text(said.get(REQUIRES))[:2000].split(";"):
            name, _, wanted = part.strip().partition(" ")
            version = there.get(name)
            if version is not None and wanted and not _fits(version, wanted):
                message = (
                    f"{title(manifest)} requires {shown(name)} {shown(wanted)}, and "
                    f"{shown(environment.name)} has {shown(version)}"
                )
                yield Found(message, manifest.id, (*field, REQUIRES))


def _components(environment: Environment, kubernetes: str | None) -> Iterator[tuple[str, str]]:
    yield from environment.cluster.components.items()
    known = kubernetes or environment.cluster.kubernetes
    if known:
        yield KUBERNETES, known


def _fits(version: str, wanted: str) -> bool:
    """What can't be read fits: the range is refused elsewhere, and a tag may be no version."""
    known, range_ = read_version(version), read_range(wanted)
    return known is None or range_ is None or is_within(known, range_)


def collect_cluster(inventory: Inventory) -> Any:
    """What doesn't fit in the environment itself, whatever the overlay has."""
    environment = inventory.context.environment
    if environment is None or not environment.cluster.compatibility:
        return None
    return list(_unfit(environment, inventory.context.kubernetes)) or None


def _unfit(environment: Environment, kubernetes: str | None) -> Iterator[str]:
    there = dict(_components(environment, kubernetes))
    for name, wanted in environment.cluster.compatibility.items():
        if read_range(wanted) is None:
            yield (
                f"{shown(environment.name)} allows {shown(name)} '{shown(wanted)}', which is no "
                "range such as '>=1.22 <1.26'"
            )
        elif name in there and read_version(there[name]) is None:
            yield (
                f"{shown(environment.name)} has {shown(name)} '{shown(there[name])}', which is "
                "no version such as '1.24.2'"
            )
        elif name in there and not _fits(there[name], wanted):
            yield (
                f"{shown(environment.name)} has {shown(name)} {shown(there[name])}, and allows "
                f"{shown(wanted)}"
            )


def _compare(landscape: Landscape) -> Iterable[Elsewhere]:
    """Said once an environment, at its first overlay."""
    said: set[tuple[str, str]] = set()
    for overlay in landscape.overlays:
        for message in overlay.list_of(CLUSTER):
            if isinstance(message, str) and (overlay.environment, message) not in said:
                said.add((overlay.environment, message))
                yield Elsewhere(overlay.name, Found(message, None))


_LINK = "https://kubernetes.io/releases/version-skew-policy/"
COMPATIBILITY = Rule(
    "compatibility",
    Severity.DENY,
    "compatibility",
    why="A version that nobody tried with the rest of the cluster fails there first.",
    fix="Use a version inside the range, or widen cluster.compatibility once it was tried.",
    link=_LINK,
    judge=_judge_seen,
)
REQUIREMENTS = Rule(
    "requirements",
    Severity.DENY,
    "compatibility",
    why="A workload on a cluster that lacks what it requires fails only once it runs.",
    fix="Deploy to a cluster that has it, or correct the annotation.",
    link=_LINK,
    judge=_judge_required,
)
CLUSTER_COMPATIBILITY = Rule(
    "cluster-compatibility",
    Severity.DENY,
    "compatibility",
    why="An environment whose own components don't fit together fits nothing.",
    fix="Correct cluster.components, cluster.kubernetes or cluster.compatibility.",
    link=_LINK,
    compare=_compare,
)
