"""An MLflow store with many models, quickly: one is registered through MLflow, the rest are
copies of its rows."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from tests.support.mlflow_server import MlflowStore, register

_METRICS = {"auc": 0.9, "example_count": 1000.0}


def make_store(file: Path, images: Mapping[str, str]) -> MlflowStore:
    """Version 1 of each model, with a run, the tag of its image and the alias `candidate`."""
    uri = f"sqlite:///{file}"
    names = list(images)
    first = names[0]
    tags = {"tidegate.image": images[first]}
    register(uri, first, metrics=_METRICS, tags=tags, alias="candidate")
    with closing(sqlite3.connect(file)) as database, database:
        run = database.execute("SELECT run_uuid FROM runs").fetchone()[0]
        for number, name in enumerate(names[1:], start=1):
            other = f"{number:032x}"
            for table, changes in (
                ("runs", {"run_uuid": other, "name": name}),
                ("latest_metrics", {"run_uuid": other}),
                ("registered_models", {"name": name}),
                ("model_versions", {"name": name, "run_id": other}),
                ("model_version_tags", {"name": name, "value": images[name]}),
                ("registered_model_aliases", {"name": name}),
            ):
                where = ("run_uuid", run) if "run_uuid" in changes else ("name", first)
                _copy(database, table, where, changes)
    return MlflowStore(uri, file)


def _copy(
    database: sqlite3.Connection, table: str, where: tuple[str, str], changes: Mapping[str, str]
) -> None:
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({table})")]
    kept = [f"'{changes[name]}'" if name in changes else f'"{name}"' for name in columns]
    database.execute(
        f'INSERT INTO {table} SELECT {", ".join(kept)} FROM {table} WHERE "{where[0]}" = ?',
        (where[1],),
    )
