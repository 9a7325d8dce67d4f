"""An Application's document, as Argo CD's API and the cluster's both give it → `Application`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tidegate.adapters.argocd.fields import (
    Fields,
    flag,
    inner,
    items,
    number,
    text,
    texts,
    time,
    words,
)
from tidegate.domain.application import (
    Application,
    ApplicationName,
    Condition,
    Health,
    Operation,
    ResourceName,
    ResourceResult,
    ResourceState,
)
from tidegate.domain.source import overrides

# Argo CD takes an Application without a project for one of this.
_USUAL_PROJECT = "default"
_SKIP = "argocd.argoproj.io/skip-reconcile"
_TRUE = ("1", "t", "T", "true", "True", "TRUE")  # as Go reads it


class Identity(NamedTuple):
    """Which object a document shows, and which state of it."""

    namespace: str
    name: str
    uid: str
    version: str


def identity(document: Fields) -> Identity:
    """Raises OutsideError where a name is of another type than text."""
    metadata = inner(document, "metadata")
    return Identity(
        text(metadata, "namespace"),
        text(metadata, "name"),
        text(metadata, "uid"),
        text(metadata, "resourceVersion"),
    )


def application(document: Fields, home: str) -> Application:
    """What the document shows; `home` is Argo CD's own namespace. Raises OutsideError for fields
    of another type than Argo CD's."""
    metadata, spec = inner(document, "metadata"), inner(document, "spec")
    status = inner(document, "status")
    sync, sources = inner(status, "sync"), _sources(spec)
    counting = _counting(sources)
    source: Fields = sources[counting] if sources else {}
    destination, namespace = inner(spec, "destination"), text(metadata, "namespace")
    return Application(
        name=ApplicationName(
            text(metadata, "name"),
            project(document),
            namespace if namespace not in ("", home) else None,
        ),
        repository=text(source, "repoURL"),
        paths=tuple([path for item in sources if (path := text(item, "path"))]),
        target_revision=text(source, "targetRevision"),
        automated=_is_automated(inner(spec, "syncPolicy")),
        revision=text(sync, "revision") or _revision(sync, counting),
        sync=text(sync, "status"),
        health=health(inner(status, "health")),
        requested=document.get("operation") is not None,
        operation=_operation(inner(status, "operationState"), counting),
        reconciled=time(status, "reconciledAt"),
        images=texts(inner(status, "summary"), "images"),
        resources=tuple([_resource_state(item) for item in items(status, "resources")]),
        conditions=tuple([_condition(item) for item in items(status, "conditions")]),
        labels=words(metadata, "labels"),
        destination=text(destination, "server") or text(destination, "name"),
        deleting=metadata.get("deletionTimestamp") is not None,
        deployed=_deployed(status, counting),
        overrides=overrides(source),
        hydrated=spec.get("sourceHydrator") is not None,
        skipped=words(metadata, "annotations").get(_SKIP) in _TRUE,
    )


def project(document: Fields) -> str:
    """The project that an Application belongs to."""
    return text(inner(document, "spec"), "project") or _USUAL_PROJECT


def health(document: Fields) -> Health:
    """A health status, with None for none."""
    return Health(
        text(document, "status") or None,
        text(document, "message"),
        time(document, "lastTransitionTime"),
    )


def resource(document: Fields) -> ResourceName:
    """The object that a document is about."""
    return ResourceName(
        text(document, "group"),
        text(document, "kind"),
        text(document, "namespace"),
        text(document, "name"),
    )


def pairs(document: Fields, key: str) -> Mapping[str, str]:
    """A list of names with values."""
    return {text(item, "name"): text(item, "value") for item in items(document, key)}


def _sources(spec: Fields) -> Sequence[Fields]:
    """Where there are several, Argo CD takes no notice of the single one."""
    several, single = items(spec, "sources"), inner(spec, "source")
    return several or ([single] if single else ())


def _counting(sources: Sequence[Fields]) -> int:
    """Which of several sources counts: the first one with a folder, for what has none is a chart,
    whose revision is no commit, or only values for others."""
    return next((number for number, item in enumerate(sources) if text(item, "path")), 0)


def _revision(fields: Fields, counting: int) -> str:
    """That of one source among those of all."""
    return next(iter(texts(fields, "revisions")[counting:]), "")


def _is_automated(policy: Fields) -> bool:
    automated = policy.get("automated")
    return isinstance(automated, dict) and automated.get("enabled") is not False


def _deployed(status: Fields, counting: int) -> str | None:
    """Argo CD keeps a history of whole syncs that succeeded, the last one last."""
    history = items(status, "history")
    if not history:
        return None
    return text(history[-1], "revision") or _revision(history[-1], counting) or None


def _operation(state: Fields, counting: int) -> Operation | None:
    if not state:
        return None
    phase, message = text(state, "phase"), text(state, "message")
    started, finished = time(state, "startedAt"), time(state, "finishedAt")
    if "operation" not in state and "syncResult" not in state:  # a list, which may be long
        return Operation(phase, message, None, started, finished)
    asked, result = inner(state, "operation"), inner(state, "syncResult")
    sync = inner(asked, "sync")
    revision = text(result, "revision") or _revision(result, counting)
    return Operation(
        phase=phase,
        message=message,
        revision=revision or text(sync, "revision") or None,
        started=started,
        finished=finished,
        info=pairs(asked, "info"),
        results=tuple(_result(item) for item in items(result, "resources")),
        retries=number(state, "retryCount"),
        automated=flag(inner(asked, "initiatedBy"), "automated"),
        dry_run=flag(sync, "dryRun"),
        partial=bool(items(sync, "resources")),
    )


def _condition(item: Fields) -> Condition:
    return Condition(text(item, "type"), text(item, "message"))


def _result(item: Fields) -> ResourceResult:
    return ResourceResult(
        resource(item),
        text(item, "status"),
        text(item, "hookPhase"),
        text(item, "message"),
        text(item, "hookType"),
    )


def _resource_state(item: Fields) -> ResourceState:
    return ResourceState(
        resource(item),
        text(item, "status"),
        health(inner(item, "health")),
        flag(item, "hook"),
        flag(item, "requiresPruning"),
    )
