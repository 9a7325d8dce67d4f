"""Runs and their metrics: a question each for a few, searches where there are many."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from tidegate.adapters.mlflow import filters
from tidegate.adapters.mlflow.absence import shown
from tidegate.adapters.mlflow.connection import Session
from tidegate.domain.model import Run
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import NotFound, TidegateError

_BULK_FROM = 8
_PORTION = 200
_PAGES = 50  # of 1,000 experiments
_ALL = 3  # mlflow.entities.ViewType.ALL: deleted experiments may hold runs that were restored
_RUN_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,255}")


def look_up(session: Session, run_ids: Sequence[str]) -> dict[str, Run | Unavailable]:
    """Each run, or why it can't be had."""
    found = _search(session, run_ids) if len(run_ids) >= _BULK_FROM else {}

    def resolve(run_id: str) -> Run | Unavailable:
        return found.get(run_id) or _get(session, run_id)

    return {
        run_id: Unavailable(answer.message) if isinstance(answer, TidegateError) else answer
        for run_id, answer in session.each(resolve, run_ids)
    }


def _get(session: Session, run_id: str) -> Run | Unavailable:
    if _RUN_ID.fullmatch(run_id) is None:
        return Unavailable(f"{shown(run_id)} is not the id of an MLflow run")
    try:
        answer = session.ask(lambda mlflow: mlflow.get_run(run_id))
    except NotFound:
        return Unavailable(f"MLflow has no run {run_id}")
    if answer.info.run_id != run_id:
        return Unavailable(f"MLflow was asked for run {run_id} and answered with another one")
    if answer.info.lifecycle_stage != "active":
        return Unavailable(f"run {run_id} was deleted in MLflow")
    return _run(answer)


def _search(session: Session, run_ids: Sequence[str]) -> Mapping[str, Run]:
    """Those active runs that searches find; what they miss is asked for singly."""
    plain = [run_id for run_id in run_ids if _RUN_ID.fullmatch(run_id)]
    try:
        experiments = _experiments(session)
    except TidegateError:
        return {}

    def search(portion: list[str]) -> list[Run]:
        condition = filters.one_of("attributes.run_id", portion)
        answer = session.ask(
            lambda mlflow: mlflow.search_runs(experiments, condition, max_results=len(portion))
        )
        return [_run(run) for run in answer]

    return {
        run.run_id: run
        for _, found in session.each(search, list(filters.portions(plain, _PORTION)))
        if not isinstance(found, TidegateError)
        for run in found
    }


def _experiments(session: Session) -> list[str]:
    """The experiments: MLflow's search for runs wants them named. Of a store that never comes to
    an end the first ones, and their runs, are enough: the rest is asked for singly."""
    experiments: list[str] = []
    token: str | None = None
    for _ in range(_PAGES):
        page = _page(session, token)
        experiments += [str(experiment.experiment_id) for experiment in page]
        token = page.token
        if not token or not page:
            break
    return experiments


def _page(session: Session, token: str | None) -> Any:
    return session.ask(lambda mlflow: mlflow.search_experiments(view_type=_ALL, page_token=token))


def _run(answer: Any) -> Run:
    metrics = {str(name): _number(value) for name, value in answer.data.metrics.items()}
    return Run(str(answer.info.run_id), metrics)


def _number(value: Any) -> float:
    """SQL stores keep ±inf as the greatest finite number."""
    number = float(value)
    return math.copysign(math.inf, number) if abs(number) >= sys.float_info.max else number
