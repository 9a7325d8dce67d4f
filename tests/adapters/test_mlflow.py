"""Addresses, SQLite files that are none, and what the adapter leaves behind."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from tests.support.mlflow_server import (  # noqa: F401 - fixtures
    MlflowStore,
    mlflow_store,
    register,
)

from tidegate.adapters.mlflow import MlflowRegistry
from tidegate.adapters.mlflow.filters import is_plain, one_of, portions
from tidegate.domain.model import ModelVersion, VersionQuery
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import InputError, NotFound, OutsideError, TidegateError, Unreachable

QUERY = VersionQuery("shop", version="1")


def answer(uri: str) -> ModelVersion | TidegateError:
    return MlflowRegistry(uri, timeout=30).versions([QUERY])[QUERY]


@pytest.mark.parametrize(
    "uri",
    [
        *("", "mlruns", "./mlruns", "/srv/mlruns", "file:///srv/mlruns", "databricks"),
        *("databricks://profile", "databricks-uc", "uc:http://host", "postgresql://u:pw@host/db"),
        *("http://", "http://host:x/", "http://[::1", "http://host/?a=b", "http://ho st/"),
        *("sqlite:///a?mode=rwc", "sqlite:///50%41.db", "sqlite:///a#b"),
        *("sqlite://", "sqlite:///", "sqlite:///:memory:", "ftp://u:pw@host/", "http://host\n/"),
    ],
)
def test_other_stores_are_refused_with_what_there_is(uri):
    with pytest.raises(InputError) as caught:
        MlflowRegistry(uri)
    assert caught.value.hint is not None
    assert "SQLite" in caught.value.hint or "sqlite:///" in caught.value.hint
    assert "pw" not in caught.value.message


def test_a_file_that_does_not_exist_is_named_and_not_created(tmp_path):
    file = tmp_path / "folder" / "absent.db"
    registry = MlflowRegistry(f"sqlite:///{file}")
    error = registry.versions([QUERY])[QUERY]
    assert isinstance(error, Unreachable)
    assert str(file) in error.message
    run = registry.runs(["a"])["a"]
    assert isinstance(run, Unavailable)
    assert str(file) in run.reason
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "contents", [b"", b"not a database, but long enough to look like one" * 99]
)
def test_a_file_that_is_no_store_is_an_error_and_stays_as_it_is(tmp_path, contents):
    file = tmp_path / "mlflow.db"
    file.write_bytes(contents)
    error = answer(f"sqlite:///{file}")
    assert type(error) is OutsideError
    assert "is not an MLflow store" in error.message
    assert file.read_bytes() == contents
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    "statements",
    [
        ["UPDATE alembic_version SET version_num = '0584bdc529eb'"],
        ["UPDATE alembic_version SET version_num = 'from_the_future'"],
        ["DROP TABLE webhook_events", "UPDATE alembic_version SET version_num = '0584bdc529eb'"],
    ],
)
def test_a_store_with_another_schema_is_never_migrated(mlflow_store, statements):  # noqa: F811
    for statement in statements:
        mlflow_store.execute(statement)
    before = mlflow_store.file.read_bytes()
    error = answer(mlflow_store.uri)
    assert type(error) is OutsideError
    assert "schema" in error.message
    assert error.hint is not None
    assert "mlflow db upgrade" in error.hint
    assert mlflow_store.file.read_bytes() == before


@pytest.mark.parametrize("name", ["two words.db", "🦀 é.db", "a&b=c+d:e@f.db", "'quoted\".db"])
def test_a_store_may_have_any_name_and_is_only_read(mlflow_store, tmp_path, name):  # noqa: F811
    register(mlflow_store.uri, "shop")
    file = tmp_path / "stores" / name
    file.parent.mkdir()
    shutil.copy(mlflow_store.file, file)
    before = file.read_bytes()
    assert isinstance(answer(f"sqlite:///{file}"), ModelVersion)
    assert file.read_bytes() == before
    assert list(file.parent.iterdir()) == [file]


def test_a_store_that_another_process_keeps_locked_is_unreachable(mlflow_store):  # noqa: F811
    registry = MlflowRegistry(mlflow_store.uri, timeout=0.3)
    with closing(sqlite3.connect(mlflow_store.file, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert isinstance(registry.versions([QUERY])[QUERY], Unreachable)
        other.execute("COMMIT")
        assert isinstance(registry.versions([QUERY])[QUERY], NotFound)
        other.execute("BEGIN EXCLUSIVE")
        assert isinstance(registry.versions([QUERY])[QUERY], Unreachable)


def test_a_relative_path_counts_from_the_working_directory(mlflow_store, monkeypatch):  # noqa: F811
    register(mlflow_store.uri, "shop")
    monkeypatch.chdir(mlflow_store.file.parent)
    assert isinstance(answer(f"sqlite:///{mlflow_store.file.name}"), ModelVersion)


def test_the_environment_is_as_it_was_afterwards(mlflow_store, monkeypatch):  # noqa: F811
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "77")
    monkeypatch.delenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", raising=False)
    registry = MlflowRegistry(mlflow_store.uri)
    registry.warm()
    before = dict(os.environ)
    registry.versions([QUERY])
    assert dict(os.environ) == before


_SCRIPT = """
import sys
from contextlib import closing
from tidegate.adapters.mlflow import MlflowRegistry
from tidegate.domain.model import VersionQuery
registry = MlflowRegistry(sys.argv[1])
assert "mlflow" not in sys.modules, "imported too early"
query = VersionQuery("shop", version="1")
version = registry.versions([query])[query]
registry.versions([VersionQuery("absent", alias="x")])
registry.runs([version.run_id, "absent"])
import mlflow.telemetry
assert mlflow.telemetry.get_telemetry_client() is None
"""


def test_it_imports_late_and_prints_and_leaves_nothing(mlflow_store, tmp_path):  # noqa: F811
    register(mlflow_store.uri, "shop")
    empty = tmp_path / "empty"
    empty.mkdir()
    hidden = ("MLFLOW_", "CI", "PYTEST", "GITHUB_")
    environment = {k: v for k, v in os.environ.items() if not k.startswith(hidden)}
    tooling = Path(__file__).parents[2] / "tooling"
    completed = subprocess.run(
        [sys.executable, "-c", _SCRIPT, mlflow_store.uri],
        cwd=empty,
        env={**environment, "PYTHONPATH": str(tooling)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (completed.returncode, completed.stdout, completed.stderr) == (0, "", "")
    assert list(empty.iterdir()) == []


def test_only_names_that_mean_themselves_go_into_filters():
    assert is_plain("team.shop-recommender_2")
    assert is_plain("naïve 模型")
    for name in ("it's", 'say "x"', "a\\b", "a`b", "a\nb", "a;b", "a--b/*", "%", "", "x" * 300):
        assert not is_plain(name), name
    assert one_of("name", ["a", "b c"]) == "name IN ('a', 'b c')"


def test_filters_stay_short_enough_for_proxies():
    names = [f"model {number} {'ä' * 40}" for number in range(500)]
    parts = list(portions(names, 100))
    assert [name for part in parts for name in part] == names
    assert all(len(part) <= 100 for part in parts)
    assert max(len(one_of("name", part)) for part in parts) < 3_000
    assert list(portions([], 100)) == []
