"""The alias and the stamp of what is live, in a real SQLite store and on a real server."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.mlflow_server import (  # noqa: F401 - fixtures
    MlflowStore,
    client,
    mlflow_store,
    register,
)

from tidegate.adapters.mlflow import MlflowLiveRecord
from tidegate.domain.live_mark import LiveMark
from tidegate.errors import NotFound, TidegateError, Unreachable

pytestmark = pytest.mark.xdist_group("mlflow")  # one server for all tests that want one

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIGEST = "sha256:" + "b" * 64


@pytest.fixture(params=["mlflow_store", "mlflow_server"])
def store(request: pytest.FixtureRequest) -> MlflowStore:
    found: MlflowStore = request.getfixturevalue(request.param)
    return found


def record(store: MlflowStore) -> MlflowLiveRecord:
    return MlflowLiveRecord(store.uri, timeout=60)


def mark(model: str, version: str) -> LiveMark:
    return LiveMark(model, version, "shop", "prod", "c" * 40, DIGEST, NOW)


def test_alias_and_stamp_are_written_once(store: MlflowStore) -> None:
    model = "live-once"
    first, second = (register(store.uri, model, metrics={}) for _ in range(2))
    mlflow = client(store.uri)
    assert record(store).record(mark(model, first))
    assert record(store).aliases([model]) == {model: {"shop-prod": first}}
    stamp = json.loads(mlflow.get_model_version(model, first).tags["tidegate.live.shop-prod"])
    assert (stamp["model"], stamp["version"], stamp["digest"]) == (model, first, DIGEST)
    assert stamp["since"] == "2026-03-01T12:00:00+00:00"
    later = replace(mark(model, first), at=NOW + timedelta(days=1), revision="d" * 40)
    assert not record(store).record(later)
    again = json.loads(mlflow.get_model_version(model, first).tags["tidegate.live.shop-prod"])
    assert again == stamp
    assert record(store).record(mark(model, second))
    assert record(store).aliases([model]) == {model: {"shop-prod": second}}


def test_a_stamp_that_came_with_a_copy_counts_for_nothing(store: MlflowStore) -> None:
    model = "live-copied"
    version = register(store.uri, model, metrics={})
    copied = json.dumps({"model": "another", "version": "9"})
    client(store.uri).set_model_version_tag(model, version, "tidegate.live.shop-prod", copied)
    assert record(store).record(mark(model, version))
    tags = client(store.uri).get_model_version(model, version).tags
    assert json.loads(tags["tidegate.live.shop-prod"])["model"] == model


def test_many_models_at_once(store: MlflowStore) -> None:
    models = [f"live-many-{n}" for n in range(10)]
    for model in models:
        register(store.uri, model, metrics={}, alias="candidate")
    found = record(store).aliases([*models, "live-absent"])
    assert [found[model] for model in models] == [{"candidate": "1"}] * 10
    assert isinstance(found["live-absent"], NotFound)


def test_what_is_not_there(store: MlflowStore) -> None:
    with pytest.raises(NotFound):
        record(store).record(mark("live-nowhere", "1"))
    version = register(store.uri, "live-there", metrics={})
    with pytest.raises(NotFound):
        record(store).record(mark("live-there", str(int(version) + 1)))
    assert record(store).aliases(["live-there"]) == {"live-there": {}}


def test_a_store_that_cannot_be_reached(tmp_path: Path) -> None:
    dead = MlflowLiveRecord("http://127.0.0.1:9", timeout=2, retries=0)
    with pytest.raises(Unreachable):
        dead.record(mark("shop", "1"))
    assert isinstance(dead.aliases(["shop"])["shop"], TidegateError)
    absent = MlflowLiveRecord(f"sqlite:///{tmp_path}/absent.db")
    with pytest.raises(Unreachable):
        absent.record(mark("shop", "1"))
    assert not (tmp_path / "absent.db").exists()
