"""Model versions: one or two questions for a few, searches where there are many."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.adapters.mlflow import filters
from tidegate.adapters.mlflow.absence import Absences, shown
from tidegate.adapters.mlflow.connection import Session
from tidegate.domain.model import ModelVersion, VersionQuery
from tidegate.errors import InputError, NotFound, OutsideError, TidegateError

_BULK_FROM = 8
_PORTION = 100
_CHAIN_LIMIT = 20
_COPY = re.compile(r"models:/(?P<model>[^/]+)/(?P<version>[0-9]{1,10})")
_LOGGED_MODEL = re.compile(r"models:/(?P<id>m-[0-9A-Za-z]+)")


@dataclass(frozen=True, slots=True)
class Entry:
    """A version as MLflow has it, ready or not."""

    version: ModelVersion
    status: str
    remark: str

    @classmethod
    def of(cls, answer: Any) -> Entry:
        """Reads MLflow's entity, whose fields differ between HTTP and SQLite."""
        version = ModelVersion(
            model=str(answer.name),
            version=str(answer.version),
            run_id=str(answer.run_id) if answer.run_id else None,
            source=str(answer.source or ""),
            tags={str(key): str(value) for key, value in answer.tags.items()},
        )
        return cls(version, str(answer.status), str(answer.status_message or ""))


def look_up(
    session: Session, queries: Sequence[VersionQuery]
) -> dict[VersionQuery, ModelVersion | TidegateError]:
    """Each query's version, or the error that it met."""
    found = _search(session, queries) if len(queries) >= _BULK_FROM else {}
    absences = Absences(session)

    def resolve(query: VersionQuery) -> ModelVersion:
        entry = found.get(query)
        try:
            return _ready(session, entry or _get(session, query))
        except NotFound:
            raise absences.explain(query) from None

    return dict(session.each(resolve, queries))


def _get(session: Session, query: VersionQuery) -> Entry:
    """One version. Raises OutsideError where the answer is about another one."""
    if query.alias is not None:
        answer = session.ask(
            lambda mlflow: mlflow.get_model_version_by_alias(query.model, query.alias)
        )
    else:
        answer = session.ask(lambda mlflow: mlflow.get_model_version(query.model, query.version))
    entry = Entry.of(answer)
    version = entry.version
    if version.model != query.model or query.version not in (None, version.version):
        got = f"{shown(version.model)} version {shown(version.version)}"
        raise OutsideError(f"MLflow was asked for {_text(query)} and answered with {got}")
    if not version.version.isdecimal():
        raise OutsideError(f"MLflow has no number for {_text(query)}")
    return entry


def _ready(session: Session, entry: Entry) -> ModelVersion:
    """The version with its run. Raises InputError where it is not READY."""
    version = entry.version
    if entry.status != "READY":
        remark = f" ({shown(entry.remark)})" if entry.remark else ""
        message = f"version {version.version} of model {shown(version.model)} is {entry.status}"
        raise InputError(f"{message}, not READY{remark}")
    if version.run_id:
        return version
    run_id = _origin(session, version)
    return ModelVersion(version.model, version.version, run_id, version.source, version.tags)


def _origin(session: Session, version: ModelVersion) -> str | None:
    """The run that a version was copied from, however often. A trail that ends or goes in a
    circle ends in None: what needs the run then says that there is none."""
    seen = {(version.model, version.version)}
    try:
        while len(seen) <= _CHAIN_LIMIT:
            logged = _LOGGED_MODEL.fullmatch(version.source)
            if logged is not None:
                return _logged_by(session, logged["id"])
            copied = _COPY.fullmatch(version.source)
            if copied is None or (copied["model"], copied["version"]) in seen:
                return None
            seen.add((copied["model"], copied["version"]))
            version = _get(session, VersionQuery(copied["model"], copied["version"])).version
            if version.run_id:
                return version.run_id
    except NotFound:
        pass
    return None


def _logged_by(session: Session, model_id: str) -> str | None:
    model = session.ask(lambda mlflow: mlflow.get_logged_model(model_id))
    return str(model.source_run_id) if model.source_run_id else None


def _search(session: Session, queries: Sequence[VersionQuery]) -> Mapping[VersionQuery, Entry]:
    """Those versions that searches find. What they miss, or can't be asked for, or fail at, is
    asked for singly, which also gives the error that belongs to it."""
    plain = [query for query in queries if filters.is_plain(query.model)]
    aliases = _aliases(session, {query.model for query in plain if query.alias is not None})
    asked: dict[VersionQuery, tuple[str, str]] = {}
    models: defaultdict[str, set[str]] = defaultdict(set)
    for query in plain:
        version = query.version or aliases.get((query.model, query.alias or ""))
        if version is not None:
            asked[query] = (query.model, version)
            models[version].add(query.model)
    portions = [
        (version, portion)
        for version, names in models.items()
        for portion in filters.portions(sorted(names), _PORTION)
    ]

    def search(portion: tuple[str, list[str]]) -> list[Entry]:
        version, names = portion
        condition = f"{filters.one_of('name', names)} AND version_number = {version}"
        answer = session.ask(
            lambda mlflow: mlflow.search_model_versions(condition, max_results=len(names))
        )
        return [Entry.of(found) for found in answer]

    entries = {
        (entry.version.model, entry.version.version): entry
        for _, found in session.each(search, portions)
        if not isinstance(found, TidegateError)
        for entry in found
    }
    return {query: entries[pair] for query, pair in asked.items() if pair in entries}


def _aliases(session: Session, models: set[str]) -> Mapping[tuple[str, str], str]:
    """The version that each alias of each model points at."""

    def search(names: list[str]) -> list[Any]:
        condition = filters.one_of("name", names)
        return list(
            session.ask(
                lambda mlflow: mlflow.search_registered_models(condition, max_results=len(names))
            )
        )

    portions = list(filters.portions(sorted(models), _PORTION))
    return {
        (str(model.name), str(alias)): str(version)
        for _, found in session.each(search, portions)
        if not isinstance(found, TidegateError)
        for model in found
        for alias, version in model.aliases.items()
        if str(version).isdecimal()
    }


def _text(query: VersionQuery) -> str:
    wanted = f"version {query.version}" if query.version else f"alias {shown(query.alias or '')}"
    return f"{shown(query.model)} {wanted}"
