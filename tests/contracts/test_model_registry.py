"""What any model registry promises, asked of MLflow's database and of a real MLflow server."""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from tests.support.mlflow_server import (  # noqa: F401 - fixtures
    MlflowStore,
    client,
    log_run,
    mlflow_store,
    register,
)

from tidegate.adapters.mlflow import MlflowRegistry
from tidegate.domain.model import ModelVersion, Run, VersionQuery
from tidegate.domain.unavailable import Unavailable
from tidegate.errors import InputError, NotFound
from tidegate.ports import ModelRegistry

pytestmark = pytest.mark.xdist_group("mlflow")  # one server for all tests that want one

HOSTILE_NAMES = [
    "two words",
    "emoji 🦀",
    "$(touch x) `id`",
    "a..b",
    "line\nbreak",
    "it's",
    'say "hi"',
    "' OR name != '",
    "x') OR ('1'='1",
    "back\\slash",
    "100% [a](b) **c** <script>alert(1)<b>",
    "naïve-模型",
    "semi;colon -- comment",
    "?a=b&c=d#e",
    "x" * 250,
]


@pytest.fixture(params=["sqlite", "http"])
def store(request: pytest.FixtureRequest) -> MlflowStore:
    name = "mlflow_store" if request.param == "sqlite" else "mlflow_server"
    found = request.getfixturevalue(name)
    assert isinstance(found, MlflowStore)
    return found


@pytest.fixture
def registry(store: MlflowStore) -> ModelRegistry:
    return MlflowRegistry(store.uri, timeout=30)


@pytest.fixture
def named() -> Callable[[str], str]:
    """Makes names that no other test of the same server uses."""
    mark = uuid.uuid4().hex[:8]
    return lambda name: f"{name}-{mark}"


def ask(registry: ModelRegistry, model: str, **wanted: str) -> Any:
    query = VersionQuery(model, **wanted)
    return registry.versions([query])[query]


def found(registry: ModelRegistry, model: str, **wanted: str) -> ModelVersion:
    answer = ask(registry, model, **wanted)
    assert isinstance(answer, ModelVersion), answer
    return answer


def test_a_version_comes_with_its_tags_and_its_run(store, registry, named):
    model = named("shop")
    register(store.uri, model, metrics={"auc": 0.91}, tags={"tidegate.image": "r/x:1"})
    version = found(registry, model, version="1")
    assert (version.model, version.version) == (model, "1")
    assert version.tags == {"tidegate.image": "r/x:1"}
    assert version.run_id is not None
    assert registry.runs([version.run_id]) == {version.run_id: Run(version.run_id, {"auc": 0.91})}


def test_an_alias_gives_the_version_that_it_points_at(store, registry, named):
    model = named("shop")
    register(store.uri, model)
    register(store.uri, model, alias="candidate")
    register(store.uri, model)
    assert found(registry, model, alias="candidate").version == "2"


def test_a_number_is_normalised_and_answered_under_the_query_as_it_was(store, registry, named):
    model = named("shop")
    register(store.uri, model)
    assert found(registry, model, version="001").version == "1"


@pytest.mark.parametrize(
    "number", ["latest", "../1", "1; DROP", "🦀", "", "0", "-1", "1.0", "١", " 1"]
)
def test_what_is_no_number_is_refused_without_asking(registry, number):
    assert isinstance(ask(registry, "shop", version=number), InputError)


@pytest.mark.parametrize("alias", ["", "a b", "../x", "a\nb", "x" * 300])
def test_what_can_be_no_alias_is_refused_without_asking(registry, alias):
    assert isinstance(ask(registry, "shop", alias=alias), InputError)


def test_a_missing_model_names_the_nearest_one(store, registry, named):
    model = named("recommender")
    register(store.uri, model)
    error = ask(registry, model.replace("mm", "m"), version="1")
    assert isinstance(error, NotFound)
    assert error.hint == f"did you mean '{model}'?"


def test_a_missing_version_names_the_newest_one(store, registry, named):
    model = named("shop")
    register(store.uri, model)
    error = ask(registry, model, version="9")
    assert isinstance(error, NotFound)
    assert "version 9" in error.message
    assert error.hint == "its newest version is 1"


def test_a_missing_alias_names_those_that_there_are(store, registry, named):
    model = named("shop")
    register(store.uri, model, alias="champion")
    error = ask(registry, model, alias="candidate")
    assert isinstance(error, NotFound)
    assert "alias 'candidate'" in error.message
    assert error.hint == "its aliases are: 'champion'"


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/b", "a:b", "absent\n\x1b[31mred"])
def test_a_name_that_cannot_be_is_not_found_and_shown_on_one_line(registry, name):
    error = ask(registry, name, version="1")
    assert isinstance(error, NotFound)
    assert error.message.isprintable()


@pytest.mark.parametrize("status", ["PENDING_REGISTRATION", "FAILED_REGISTRATION"])
def test_a_version_that_is_not_ready_is_refused(store, registry, named, status):
    model = named("shop")
    store_version = register(store.uri, model)
    store.set_status(model, store_version, status)
    error = ask(registry, model, version="1")
    assert isinstance(error, InputError)
    assert status in error.message


def test_hostile_names_are_names_and_nothing_else(store, registry, named):
    models = [named(name)[-250:] for name in HOSTILE_NAMES]
    for index, model in enumerate(models):
        register(store.uri, model, tags={"index": str(index)}, alias="candidate")
    queries = [VersionQuery(model, version="1") for model in models]
    queries += [VersionQuery(model, alias="candidate") for model in models]
    answers = registry.versions(queries)
    for query, answer in answers.items():
        assert isinstance(answer, ModelVersion), (query, answer)
        assert answer.model == query.model
        assert answer.tags == {"index": str(models.index(query.model))}


def test_tags_of_any_size_and_kind_come_back_whole(store, registry, named):
    model = named("shop")
    tags = {
        "long": "ä" * 10_000,
        "a b/c.d": "line\nbreak",
        "markdown": "**[x](y)** <b>",
        "empty": "",
    }
    register(store.uri, model, tags=tags)
    assert found(registry, model, version="1").tags == tags


def test_copies_lead_to_the_run_of_the_first_one(store, registry, named):
    first, second, third = named("first model"), named("second"), named("third")
    register(store.uri, first, metrics={"auc": 0.8})
    register(store.uri, second, source=f"models:/{first}/1", with_run=False)
    register(store.uri, third, source=f"models:/{second}/1", with_run=False)
    # MLflow resolves such a source to its artifact's place; its older versions kept it.
    for model, source in ((second, first), (third, second)):
        _set_source(store, model, f"models:/{source}/1")
    expected = found(registry, first, version="1").run_id
    assert expected is not None
    assert found(registry, third, version="1").run_id == expected


def test_copies_that_go_in_a_circle_or_nowhere_have_no_run(store, registry, named):
    first, second, lost = named("first"), named("second"), named("lost")
    for model in (first, second, lost):
        register(store.uri, model, with_run=False)
    _set_source(store, first, f"models:/{second}/1")
    _set_source(store, second, f"models:/{first}/1")
    _set_source(store, lost, "models:/nobody/7")
    assert found(registry, first, version="1").run_id is None
    assert found(registry, lost, version="1").run_id is None


def test_a_copied_version_keeps_its_run(store, registry, named):
    model = named("shop")
    register(store.uri, model, metrics={"auc": 0.8})
    client(store.uri).copy_model_version(f"models:/{model}/1", named("copy"))
    assert found(registry, named("copy"), version="1").run_id == (
        found(registry, model, version="1").run_id
    )


def test_metrics_are_those_of_the_highest_step(store, registry):
    run_id = log_run(store.uri, {"auc": 0.9}, step=10)
    client(store.uri).log_metric(run_id, "auc", 0.1, step=2)
    assert registry.runs([run_id])[run_id] == Run(run_id, {"auc": 0.9})


def test_metrics_that_are_not_finite_stay_so(store, registry):
    run_id = log_run(store.uri, {"nan": math.nan, "up": math.inf, "down": -math.inf, "zero": 0.0})
    others = [log_run(store.uri, {"nan": math.nan}) for _ in range(9)]
    for asked in ([run_id], [run_id, *others]):
        run = registry.runs(asked)[run_id]
        assert isinstance(run, Run)
        assert math.isnan(run.metrics["nan"])
        assert run.metrics["up"] == math.inf
        assert run.metrics["down"] == -math.inf
        assert run.metrics["zero"] == 0.0


def test_names_of_metrics_are_kept(store, registry):
    metrics = {"val/auc 0.5": 0.5, "f1-score: macro": 0.25, "größe": 1e-300}
    run_id = log_run(store.uri, metrics)
    assert registry.runs([run_id]) == {run_id: Run(run_id, metrics)}


def test_a_run_without_metrics_is_a_run(store, registry):
    run_id = log_run(store.uri, {})
    assert registry.runs([run_id]) == {run_id: Run(run_id, {})}


def test_metrics_of_logged_models_are_never_a_run_s(store, registry):
    mlflow = client(store.uri)
    run_id = log_run(store.uri, {"auc": 0.7})
    other = log_run(store.uri, {})
    model = mlflow.create_logged_model("0", source_run_id=run_id)
    mlflow.log_metric(other, "auc", 0.99, model_id=model.model_id)
    assert registry.runs([run_id]) == {run_id: Run(run_id, {"auc": 0.7})}


def test_missing_and_deleted_runs_say_so(store, registry):
    deleted, missing = log_run(store.uri, {"auc": 0.9}), "0" * 32
    client(store.uri).delete_run(deleted)
    there = [log_run(store.uri, {}) for _ in range(8)]
    strange = "x' OR '1'='1"
    for others in ([], there):
        answers = registry.runs([deleted, missing, strange, *others])
        assert answers[deleted] == Unavailable(f"run {deleted} was deleted in MLflow")
        assert answers[missing] == Unavailable(f"MLflow has no run {missing}")
        assert isinstance(answers[strange], Unavailable)
        assert all(answers[run_id] == Run(run_id) for run_id in others)


def test_a_batch_answers_each_query_for_itself(store, registry, named):
    models = [named(f"model {number}") for number in range(12)]
    for model in models:
        register(store.uri, model, alias="candidate")
    register(store.uri, models[0])
    store.set_status(models[1], "1", "FAILED_REGISTRATION")
    queries = [VersionQuery(model, alias="candidate") for model in models]
    queries += [VersionQuery(models[0], version="2"), VersionQuery(models[0], version="3")]
    queries += [VersionQuery("no such model", version="1"), VersionQuery(models[0], version="x")]
    answers = registry.versions([*queries, *queries])
    assert list(answers) == queries
    kinds = [type(answer) for answer in answers.values()]
    versions = [ModelVersion, InputError, *[ModelVersion] * 10]
    assert kinds == [*versions, ModelVersion, NotFound, NotFound, InputError]


def test_nothing_asked_is_nothing_answered(registry):
    assert registry.versions([]) == {}
    assert registry.runs([]) == {}


def _set_source(store: MlflowStore, model: str, source: str) -> None:
    store.execute("UPDATE model_versions SET source = ? WHERE name = ?", source, model)
