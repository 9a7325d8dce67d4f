"""`diff --live`: what Git wants of an app against what its clusters have, as Argo CD sees both."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tidegate.domain.application import (
    MISSING,
    SYNCED,
    Application,
    ApplicationName,
    ManagedResource,
    ResourceName,
    ResourceState,
)
from tidegate.domain.control_plane import Way
from tidegate.domain.difference import Change, ObjectChange, compare
from tidegate.domain.live_difference import ClusterDifference, LiveDiffReport
from tidegate.domain.manifest import Manifest, ObjectId
from tidegate.domain.sync import APP_LABEL, ENVIRONMENT_LABEL
from tidegate.errors import NotFound, Unreachable
from tidegate.flows.converge import NOT_THERE
from tidegate.flows.parallel import each
from tidegate.flows.target import find_app, find_environment
from tidegate.ports import Applications, Connections, Progress
from tidegate.repository.configuration import load_configuration

_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
# What the server writes, and nobody wants.
_BOOKKEEPING = ("managedFields", "resourceVersion", "generation")
_OBJECTS_ONLY = (
    "the cluster's own API doesn't tell what Git wants: these are the objects that Argo CD finds "
    "to differ; argocd.via: api shows their fields"
)


def live_difference(
    app: str, environment: str, connections: Connections, progress: Progress
) -> LiveDiffReport:
    """The objects and fields that differ, on each cluster. Raises InputError for an unknown app
    or environment, NotFound where Argo CD has no Application of it, and OutsideError where Git or
    Argo CD can't be asked."""
    repository = connections.repository
    progress(f"fetching {repository.branch} from {repository.remote}")
    snapshot = repository.fetch()
    configuration = load_configuration(snapshot)
    find_app(configuration, app)
    find_environment(configuration, environment)
    plane = configuration.control_plane(environment)
    applications = connections.applications(plane)
    progress(f"asking {applications.place}")
    labels = {APP_LABEL: app, ENVIRONMENT_LABEL: environment}
    listed = applications.list(project=plane.project, selector=labels)
    if not listed:
        raise NotFound(f"{app} in {environment}: {NOT_THERE}")
    direct = plane.via is Way.KUBERNETES

    def look(item: Application) -> ClusterDifference:
        now, notes = _fresh(applications, item.name)
        if now.revision != snapshot.revision:
            notes.append(f"Argo CD compared with {now.revision or 'no commit'}, not with the head")
        notes += [c.message for c in now.conditions if c.type.endswith("Error")]
        if direct:
            objects, same = _of_states(now.resources)
            notes.append(_OBJECTS_ONLY)
        else:
            objects, same = _of_managed(applications.managed(item.name))
        place = now.destination
        return ClusterDifference(
            *(item.name, place, now.revision, objects, same), not direct, tuple(notes)
        )

    return LiveDiffReport(app, environment, snapshot.revision, tuple(each(listed, look)))


def _fresh(applications: Applications, name: ApplicationName) -> tuple[Application, list[str]]:
    """The Application after a comparison that we asked for; where the controller doesn't answer,
    after its last one, with a note that says so."""
    try:
        return applications.get(name, refresh=True), []
    except Unreachable as error:
        now = applications.get(name)
        when = f" of {now.reconciled:%Y-%m-%d %H:%M} UTC" if now.reconciled else ""
        return now, [f"this is Argo CD's last comparison{when}: {error.message}"]


def _of_managed(managed: Sequence[ManagedResource]) -> tuple[tuple[ObjectChange, ...], int]:
    known = [item for item in managed if not item.hook]
    return compare(list(_manifests(known, live=True)), list(_manifests(known, live=False)))


def _manifests(managed: Sequence[ManagedResource], *, live: bool) -> Iterator[Manifest]:
    for item in managed:
        side = item.live if live else item.wanted
        if side is not None:
            yield Manifest(_identity(item), _cleaned(side))


def _identity(item: ManagedResource) -> ObjectId:
    """The same for both sides: Argo CD pairs them by group, whatever version they are in."""
    shown = item.wanted or item.live or {}
    version = shown.get("apiVersion")
    return _id(item.resource, version if isinstance(version, str) else item.resource.group)


def _id(resource: ResourceName, version: str) -> ObjectId:
    return ObjectId(version, resource.kind, resource.namespace, resource.name)


def _cleaned(data: Mapping[str, Any]) -> Mapping[str, Any]:
    """Without what the server keeps for itself, and without what was applied, which repeats the
    object, a Secret's values included."""
    found = data.get("metadata")
    if not isinstance(found, Mapping):
        return data
    metadata = {key: value for key, value in found.items() if key not in _BOOKKEEPING}
    notes = metadata.get("annotations")
    if isinstance(notes, Mapping) and _APPLIED in notes:
        metadata["annotations"] = {k: v for k, v in notes.items() if k != _APPLIED}
        if not metadata["annotations"]:
            del metadata["annotations"]
    return {**data, "metadata": metadata}


def _of_states(states: Sequence[ResourceState]) -> tuple[tuple[ObjectChange, ...], int]:
    known = [state for state in states if not state.hook and state.sync]
    differing = [state for state in known if state.sync != SYNCED]
    changes = [ObjectChange(_id(s.resource, s.resource.group), _change(s)) for s in differing]
    changes.sort(key=lambda change: (change.id.kind, *change.id))
    return tuple(changes), len(known) - len(differing)


def _change(state: ResourceState) -> Change:
    if state.requires_pruning:
        return Change.REMOVED
    return Change.ADDED if state.health.status == MISSING else Change.CHANGED
