"""The demo's MLflow registry: a real store, on SQLite."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

from demo.model import Trained

if TYPE_CHECKING:
    from mlflow import MlflowClient

MODEL = "digits"
ALIAS = "candidate"
IMAGE_TAG = "tidegate.image"
DATASET_TAG = "tidegate.dataset"


class Registry:
    """The registered model `digits`, and what a training pipeline does with it."""

    def __init__(self, folder: Path) -> None:
        """Creates `mlflow.db` and `artifacts/` in an existing folder."""
        self.uri = f"sqlite:///{folder / 'mlflow.db'}"
        self._client = _client(self.uri)
        self._experiment: str = self._client.create_experiment(
            MODEL, artifact_location=(folder / "artifacts").as_uri()
        )
        self._client.create_registered_model(
            MODEL, description="Handwritten digits, 8 × 8 pixels each"
        )

    def log(self, trained: Trained) -> str:
        """Records a training run with its metrics, parameters and model file; gives its id."""
        run = self._client.create_run(self._experiment, run_name=trained.recipe.summary)
        run_id: str = run.info.run_id
        recipe = trained.recipe
        self._client.log_param(run_id, "regularisation", recipe.regularisation)
        self._client.log_param(run_id, "landmarks", recipe.landmarks or "none")
        self._client.log_param(run_id, "examples", recipe.examples or "all")
        for name, value in trained.metrics.items():
            self._client.log_metric(run_id, name, value)
        self._client.set_tag(run_id, DATASET_TAG, f"sha256:{trained.dataset}")
        self._upload(run_id, trained.model)
        self._client.set_terminated(run_id)
        return run_id

    def register(self, run_id: str, *, image: str, dataset: str) -> int:
        """Registers a run's model, with the image that serves it; gives the version's number."""
        run = self._client.get_run(run_id)
        version = self._client.create_model_version(
            MODEL,
            source=f"{run.info.artifact_uri}/model",
            run_id=run_id,
            tags={IMAGE_TAG: image, DATASET_TAG: f"sha256:{dataset}"},
        )
        return int(version.version)

    def propose(self, version: int) -> None:
        """Moves the alias `candidate`, as a training pipeline does when it's content."""
        self._client.set_registered_model_alias(MODEL, ALIAS, str(version))

    def _upload(self, run_id: str, model: bytes) -> None:
        from tempfile import TemporaryDirectory

        with TemporaryDirectory() as folder:
            file = Path(folder, "model.joblib")
            file.write_bytes(model)
            self._client.log_artifact(run_id, str(file), "model")


def _client(uri: str) -> MlflowClient:
    os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
    from mlflow import MlflowClient

    # The store tells at length how it makes its tables.
    logging.getLogger("mlflow").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)
    return MlflowClient(tracking_uri=uri, registry_uri=uri)
