"""What a reviewer wants to see of a promotion: the cluster's objects, and the vulnerabilities."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tidegate.domain.configuration import Configuration
from tidegate.domain.difference import ObjectChange, compare
from tidegate.domain.image import ImageRef
from tidegate.domain.manifest import Manifest, Object, identify
from tidegate.domain.promotion import Promotion
from tidegate.domain.rendering import Rendering
from tidegate.domain.scan import Scan, Vulnerability
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.story import Chapter, ClusterStep, ScanStep
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import TidegateError
from tidegate.ports import Connections
from tidegate.repository.layout import overlay_folder


def make_chapters(
    group: Sequence[Promotion],
    snapshot: Snapshot,
    configuration: Configuration,
    connections: Connections,
) -> tuple[Chapter, ...]:
    """Each promotion with what its text shows. Nothing that can't be had stops it: the verdict
    doesn't rest on it, and the text says so. Renderings and scans come from the caches that the
    verdict filled."""
    edits = {path: data for p in group for path, data in p.edits.items()}
    place = group[0].environment
    looks = look_at(snapshot, edits, place, [p.app for p in group], connections)
    return tuple(Chapter(p, looks[p.app], _scans(p, configuration, connections)) for p in group)


def look_at(
    snapshot: Snapshot,
    edits: Mapping[str, bytes],
    environment: str,
    apps: Sequence[str],
    connections: Connections,
) -> dict[str, ClusterStep]:
    """What the cluster gets to see of each app, or why nobody can tell. Never raises."""
    folders = {app: overlay_folder(environment, app) for app in apps}
    try:
        found = connections.renderer().render(snapshot, edits, [*folders.values()])
    except TidegateError as error:
        return dict.fromkeys(apps, ClusterStep(unseen=error.message))
    return {app: _step_of(found[folder]) for app, folder in folders.items()}


def _step_of(rendering: Rendering | Unavailable) -> ClusterStep:
    if isinstance(rendering, Unavailable):
        return ClusterStep(unseen=rendering.reason)
    objects, _ = compare(_manifests(rendering.before), _manifests(rendering.after))
    changed = sum(1 for _ in rendering.after)
    return ClusterStep(_weighty(objects), rendering.objects - changed)


def _manifests(objects: Sequence[Object]) -> list[Manifest]:
    return [Manifest(identify(item), item, None) for item in objects]


def _weighty(objects: Sequence[ObjectChange]) -> tuple[ObjectChange, ...]:
    """What runs comes before what only stands beside it."""
    return tuple(sorted(objects, key=lambda o: not any(".image" in f.path for f in o.fields)))


def _scans(
    promotion: Promotion, configuration: Configuration, connections: Connections
) -> ScanStep | None:
    """None where no gate asked for a scan."""
    environment = configuration.environments[promotion.environment]
    gates = configuration.gates(configuration.apps[promotion.app], environment)
    if not any(spec.gate == "scan" for spec in gates):
        return None
    champion = promotion.champion
    try:
        new = _scan(promotion.release.image, configuration, connections)
        old = _scan(champion.image, configuration, connections) if champion else None
    except TidegateError as error:
        return ScanStep(unknown=error.message)
    return _step(old, new)


def _scan(image: ImageRef, configuration: Configuration, connections: Connections) -> Scan:
    settings = configuration.settings
    return connections.scanner(settings).scan(connections.images(settings).location(image))


def _step(old: Scan | None, new: Scan) -> ScanStep:
    before = {_identity(v): v for v in old.vulnerabilities} if old else {}
    after = {_identity(v): v for v in new.vulnerabilities}
    return ScanStep(
        new=_worst([v for key, v in after.items() if key not in before]),
        fixed=_worst([v for key, v in before.items() if key not in after]),
    )


def _identity(found: Vulnerability) -> tuple[str, str]:
    return found.id, found.package


def _worst(found: Sequence[Vulnerability]) -> tuple[Vulnerability, ...]:
    return tuple(sorted(found, key=lambda v: (-v.severity, v.id, v.package)))
