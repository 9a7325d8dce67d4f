"""MLflow as the model registry."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from tidegate.adapters.mlflow import library, runs, versions
from tidegate.adapters.mlflow.absence import shown
from tidegate.adapters.mlflow.address import Address
from tidegate.adapters.mlflow.connection import Connection
from tidegate.domain.model import ModelVersion, Run, VersionQuery
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import InputError, TidegateError

_NUMBER = re.compile(r"[0-9]{1,10}")
_ALIAS = re.compile(r"[A-Za-z0-9_-]{1,255}")


class MlflowRegistry:
    """An MLflow tracking server (http, https) or its database (sqlite:///path), only ever read.

    A question is answered within `timeout` seconds, and those that `remaining` says are left for
    all, or ends in Unreachable; failed connections and transient HTTP errors are tried `retries`
    times more within that time. Raises InputError for an address of another kind.
    """

    def __init__(
        self,
        uri: str,
        *,
        timeout: float = 10.0,
        retries: int = 2,
        remaining: Callable[[], float] = lambda: math.inf,
    ) -> None:
        self._connection = Connection(
            Address.parse(uri), timeout=timeout, retries=retries, remaining=remaining
        )

    def warm(self) -> None:
        """Imports MLflow's library and nothing more: about a second that a thread can take while
        other work goes on. Raises OutsideError where it is not installed."""
        library.load()

    def versions(
        self, queries: Sequence[VersionQuery]
    ) -> Mapping[VersionQuery, ModelVersion | TidegateError]:
        """Each query's version, with its tags and the run that it came from, or the error that
        it met. An alias is looked up once, and the version that it points at is what comes back."""
        answers: dict[VersionQuery, ModelVersion | TidegateError] = {}
        asked: dict[VersionQuery, VersionQuery] = {}
        for query in queries:
            try:
                asked[query] = _normalised(query)
            except InputError as error:
                answers[query] = error
        if asked:
            unique = list(dict.fromkeys(asked.values()))
            try:
                with self._connection.session() as session:
                    found = versions.look_up(session, unique)
            except TidegateError as error:
                found = dict.fromkeys(unique, error)
            answers |= {query: found[normalised] for query, normalised in asked.items()}
        return {query: answers[query] for query in queries}

    def runs(self, run_ids: Sequence[str]) -> Mapping[str, Run | Unavailable]:
        """Each run with its metrics at their highest step, as they were logged: NaN and
        infinities included. Unavailable for one that is missing, deleted or can't be had."""
        unique = list(dict.fromkeys(run_ids))
        if not unique:
            return {}
        try:
            with self._connection.session() as session:
                return runs.look_up(session, unique)
        except TidegateError as error:
            return dict.fromkeys(unique, Unavailable(error.message))


def _normalised(query: VersionQuery) -> VersionQuery:
    """The query with its number in plain decimals. Raises InputError for what MLflow can't have."""
    if not query.model.strip():
        raise InputError("the name of the registered model is empty")
    if (query.version is None) == (query.alias is None):
        raise InputError(f"one version or one alias of {shown(query.model)} must be asked for")
    if query.alias is not None:
        if _ALIAS.fullmatch(query.alias) is None:
            raise InputError(
                f"{shown(query.alias)} can't be an alias in MLflow",
                hint="aliases are made of letters, digits, '-' and '_'",
            )
        return query
    number = query.version or ""
    if _NUMBER.fullmatch(number) is None or int(number) == 0:
        raise InputError(
            f"{shown(number)} is not the version of a model",
            hint="versions are whole numbers from 1; names such as 'candidate' are aliases",
        )
    return replace(query, version=str(int(number)))
