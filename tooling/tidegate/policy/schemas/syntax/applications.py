"""Argo CD's Application, and those that an ApplicationSet makes (its definition; util/argo,
util/app/path)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.reading import items, part, text
from tidegate.policy.schemas.syntax.words import needed, wrong
from tidegate.policy.schemas.words import nearest, shown

_OPTIONS = (
    *("ApplyOutOfSyncOnly", "ClientSideApplyMigration", "CreateNamespace", "Delete", "Force"),
    *("DisableClientSideApplyMigration", "FailOnSharedResource", "Prune", "PruneLast"),
    *("PrunePropagationPolicy", "Replace", "RespectIgnoreDifferences", "ServerSideApply"),
    *("SkipDryRunOnMissingResource", "Validate"),
)
_SIMILAR = 0.8


def judge_application(data: dict[str, Any]) -> Iterator[Flaw]:
    """An Application."""
    yield from _judge(part(data, "spec"), ("spec",))


def judge_application_set(data: dict[str, Any]) -> Iterator[Flaw]:
    """The Applications that an ApplicationSet makes, but for what a patch may add to them."""
    if "templatePatch" not in part(data, "spec"):
        spec = part(part(part(data, "spec"), "template"), "spec")
        yield from _judge(spec, ("spec", "template", "spec"))


def _judge(spec: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if not spec:
        return
    yield from needed(spec, "project", path, "its AppProject's name, such as default")
    destination, where = part(spec, "destination"), (*path, "destination")
    server, name = (text(destination.get(key)) for key in ("server", "name"))
    if server and name:
        yield Flaw((*where, "name"), "is set beside server; expected one of them")
    elif destination and not server and not name:
        yield Flaw((*where, "server"), "is missing; expected the cluster's address, or its name")
    yield from _judge_source(part(spec, "source"), (*path, "source"))
    for source, place in items(spec.get("sources"), (*path, "sources")):
        yield from _judge_source(source, place)
    options = part(spec, "syncPolicy").get("syncOptions")
    for index, option in enumerate(options if isinstance(options, list) else ()):
        yield from _judge_option(option, (*path, "syncPolicy", "syncOptions", index))


def _judge_source(source: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    if source:
        yield from needed(source, "repoURL", path, "the repository's address")
    folder = source.get("path")
    if isinstance(folder, str) and folder.startswith("/"):
        yield wrong((*path, "path"), folder, "a path from the repository's root, without the /")


def _judge_option(option: object, path: FieldPath) -> Iterator[Flaw]:
    if not isinstance(option, str):
        yield wrong(path, option, "text such as CreateNamespace=true")
        return
    name, equals, _ = option.partition("=")
    near = nearest(name, _OPTIONS, similar=_SIMILAR) if name not in _OPTIONS else None
    if near:
        message = f"is {shown(option)}, which Argo CD doesn't know; did you mean '{near}{equals}'?"
        yield Flaw(path, message, severity=Severity.WARN)
