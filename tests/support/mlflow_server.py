"""Real MLflow stores for tests: a SQLite file, and a server on loopback.

from tests.support.mlflow_server import mlflow_store, register  # noqa: F401

def test_it(mlflow_store):
    version = register(mlflow_store.uri, "shop", metrics={"auc": 0.9}, alias="candidate")
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pytest

from tidegate.adapters.mlflow import library

_START_SECONDS = 120
# To loopback, which MLflow refuses otherwise, and known as soon as there is one.
_WEBHOOKS = {
    "MLFLOW_WEBHOOK_ALLOWED_SCHEMES": "http",
    "MLFLOW_WEBHOOK_ALLOW_PRIVATE_IPS": "true",
    "MLFLOW_WEBHOOK_CACHE_TTL": "0",
}


@dataclass(frozen=True)
class MlflowStore:
    """A store: the address that Tidegate is given, and the database behind it."""

    uri: str
    file: Path

    def execute(self, statement: str, *values: Any) -> None:
        """Changes the database behind MLflow's back, to states that its API doesn't lead to."""
        with closing(sqlite3.connect(self.file, timeout=30)) as database, database:
            database.execute(statement, values)

    def set_status(self, model: str, version: str, status: str) -> None:
        """Makes a version PENDING_REGISTRATION or FAILED_REGISTRATION."""
        self.execute(
            "UPDATE model_versions SET status = ? WHERE name = ? AND version = ?",
            status,
            model,
            int(version),
        )


@pytest.fixture(scope="session")
def mlflow_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty store's database, made once for all xdist workers: MLflow takes seconds for it."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    template = folder / "mlflow-template.db"
    with (folder / "mlflow-template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            draft = folder / "mlflow-template-draft.db"
            client(f"sqlite:///{draft}").search_experiments()
            draft.replace(template)
    return template


@pytest.fixture
def mlflow_store(mlflow_template: Path, tmp_path: Path) -> MlflowStore:
    """An empty store in a SQLite file of the test's own."""
    return copy_store(mlflow_template, tmp_path)


def copy_store(template: Path, folder: Path) -> MlflowStore:
    """An empty store in a SQLite file in a folder."""
    file = folder / "mlflow.db"
    shutil.copy(template, file)
    return MlflowStore(f"sqlite:///{file}", file)


@pytest.fixture(scope="session")
def mlflow_server(
    mlflow_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[MlflowStore]:
    """A running `mlflow server`, shared by the session's tests: name models apart, and put a
    module that wants it into the group "mlflow", so that it is started by one worker alone."""
    folder = tmp_path_factory.mktemp("mlflow-server")
    file = folder / "mlflow.db"
    shutil.copy(mlflow_template, file)
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        port = listener.getsockname()[1]
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "mlflow", "server", "--workers", "1"),
            *("--host", "127.0.0.1", "--port", str(port)),
            *("--backend-store-uri", f"sqlite:///{file}"),
            *("--artifacts-destination", str(folder / "artifacts")),
        ],
        env={
            **os.environ,
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
            "MLFLOW_DISABLE_TELEMETRY": "true",
            **_WEBHOOKS,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    log = _Log(process.stdout)
    try:
        log.wait_for("Application startup complete")
        yield MlflowStore(f"http://127.0.0.1:{port}", file)
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        log.close()


class _Log:
    """Drains a server's output, so that it never blocks, and tells when a line has come."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream
        self._lines: list[str] = []
        self._changed = threading.Condition()
        self._ended = False
        self._thread = threading.Thread(target=self._drain, daemon=True)
        self._thread.start()

    def wait_for(self, text: str) -> None:
        """Returns when a line with `text` has come; fails with the whole output otherwise."""
        with self._changed:
            self._changed.wait_for(lambda: self._has(text) or self._ended, _START_SECONDS)
            assert self._has(text), "".join(self._lines)

    def close(self) -> None:
        """Waits for the end of the output."""
        self._thread.join()
        self._stream.close()

    def _has(self, text: str) -> bool:
        return any(text in line for line in self._lines)

    def _drain(self) -> None:
        for line in self._stream:
            with self._changed:
                self._lines.append(line)
                self._changed.notify_all()
        with self._changed:
            self._ended = True
            self._changed.notify_all()


def client(uri: str) -> Any:
    """MLflow's own client of a store, allowed to write."""
    return library.load()(tracking_uri=uri, registry_uri=uri)


def register(
    uri: str,
    model: str,
    *,
    metrics: Mapping[str, float] | None = None,
    tags: Mapping[str, str] | None = None,
    alias: str | None = None,
    source: str = "s3://models/artifact",
    with_run: bool = True,
) -> str:
    """Registers a new version of `model`, made by a run with `metrics`; returns its number."""
    mlflow = client(uri)
    try:
        mlflow.create_registered_model(model)
    except Exception as error:
        if getattr(error, "error_code", None) != "RESOURCE_ALREADY_EXISTS":
            raise
    run_id = log_run(uri, metrics or {}) if with_run else None
    version = mlflow.create_model_version(model, source, run_id, tags=dict(tags or {}))
    if alias is not None:
        mlflow.set_registered_model_alias(model, alias, str(version.version))
    return str(version.version)


def log_run(uri: str, metrics: Mapping[str, float], *, step: int = 0) -> str:
    """Makes a finished run with these metrics; returns its id."""
    mlflow = client(uri)
    run_id = str(mlflow.create_run("0").info.run_id)
    for name, value in metrics.items():
        mlflow.log_metric(run_id, name, value, step=step)
    mlflow.set_terminated(run_id)
    return run_id
