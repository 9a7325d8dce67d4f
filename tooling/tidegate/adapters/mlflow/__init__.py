"""The model registry as MLflow keeps it, over HTTP or in a SQLite file.

address      which stores there are, and how they are shown without their credentials
library      MLflow's client library: imported late, quiet, with limits
faults       its exceptions → ours
connection   questions to one store, each with a time limit
filters      search filters that no name can break out of
versions     model versions, in bulk where there are many
runs         runs and their metrics, likewise
live_record  what is live where: the only part that writes
registry     the adapter: all of it behind `ports.ModelRegistry`
"""

from tidegate.adapters.mlflow.live_record import MlflowLiveRecord
from tidegate.adapters.mlflow.registry import MlflowRegistry

__all__ = ["MlflowLiveRecord", "MlflowRegistry"]
