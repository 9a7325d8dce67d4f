"""What is live where, as MLflow has it: an alias of the model, and a tag of the version."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from tidegate.adapters.mlflow import filters
from tidegate.adapters.mlflow.address import Address
from tidegate.adapters.mlflow.connection import Connection, Session
from tidegate.domain.live_mark import LiveMark
from tidegate.errors import NotFound, TidegateError

_BULK_FROM, _PORTION = 8, 100


class MlflowLiveRecord:
    """The only part of the toolkit that writes to an MLflow server or database. Limits are those
    of `MlflowRegistry`; raises InputError for an address of another kind."""

    def __init__(
        self,
        uri: str,
        *,
        timeout: float = 10.0,
        retries: int = 2,
        remaining: Callable[[], float] = lambda: math.inf,
    ) -> None:
        address = Address.parse(uri)

        def connect(to: Address) -> Connection:
            return Connection(to, timeout=timeout, retries=retries, remaining=remaining)

        # Read first, and without the right to write: a database of another schema is refused
        # before MLflow's library could migrate it.
        self._reading = connect(address)
        self._writing = connect(address.writable()) if address.file else self._reading

    def aliases(self, models: Sequence[str]) -> Mapping[str, Mapping[str, str] | TidegateError]:
        """Each registered model's aliases with their versions, or the error that it met."""
        wanted = list(dict.fromkeys(models))
        try:
            with self._reading.session() as session:
                found = _search(session, wanted) if len(wanted) >= _BULK_FROM else {}
                rest = [model for model in wanted if model not in found]
                return found | dict(session.each(lambda model: _aliases(session, model), rest))
        except TidegateError as error:
            return dict.fromkeys(wanted, error)

    def record(self, mark: LiveMark) -> bool:
        """Moves the alias to the version and stamps the version; whether there was anything to
        write. Raises NotFound for a version that isn't there, Unreachable and OutsideError."""
        with self._reading.session() as session:
            aliases = _aliases(session, mark.model)
            version = session.ask(lambda m: m.get_model_version(mark.model, mark.version))
        tags = {str(key): str(value) for key, value in version.tags.items()}
        stamped = _same(tags.get(mark.tag), _stamp(mark))
        named = aliases.get(mark.alias) == mark.version
        if stamped and named:
            return False
        with self._writing.session() as session:
            # The stamp first: an alias without one would be found and moved again.
            if not stamped:
                text = json.dumps(_stamp(mark))
                session.ask(
                    lambda m: m.set_model_version_tag(mark.model, mark.version, mark.tag, text)
                )
            if not named:
                session.ask(
                    lambda m: m.set_registered_model_alias(mark.model, mark.alias, mark.version)
                )
        return True


def _stamp(mark: LiveMark) -> dict[str, str]:
    """Names the version itself, for `copy_model_version` copies tags along."""
    return {
        "model": mark.model,
        "version": mark.version,
        "app": mark.app,
        "environment": mark.environment,
        "commit": mark.revision,
        "digest": mark.digest,
        "since": mark.at.isoformat(timespec="seconds"),
    }


def _same(known: str | None, stamp: Mapping[str, str]) -> bool:
    """Whether a version is stamped already, whenever that was and by whichever commit."""
    try:
        found = json.loads(known or "null")
    except ValueError:
        return False
    keys = ("model", "version", "app", "environment", "digest")
    return isinstance(found, dict) and all(found.get(key) == stamp[key] for key in keys)


def _aliases(session: Session, model: str) -> dict[str, str]:
    found = session.ask(lambda mlflow: mlflow.get_registered_model(model))
    if found.name != model:
        raise NotFound(f"MLflow has no registered model {model!r}")
    return _read(found)


def _search(
    session: Session, models: Sequence[str]
) -> dict[str, Mapping[str, str] | TidegateError]:
    """Those of many models, a hundred at a time; what a filter can't name is left out."""
    plain = [model for model in models if filters.is_plain(model)]
    found: dict[str, Mapping[str, str] | TidegateError] = {}
    for portion in filters.portions(plain, _PORTION):
        for model in _pages(session, filters.one_of("name", portion)):
            found[str(model.name)] = _read(model)
    return found


def _pages(session: Session, query: str) -> Iterator[Any]:
    token: str | None = None
    while True:
        page = session.ask(partial(_page, query, token))
        yield from page
        token = page.token
        if not token:
            return


def _page(query: str, token: str | None, mlflow: Any) -> Any:
    return mlflow.search_registered_models(query, _PORTION, page_token=token)


def _read(model: Any) -> dict[str, str]:
    return {str(alias): str(version) for alias, version in (model.aliases or {}).items()}
