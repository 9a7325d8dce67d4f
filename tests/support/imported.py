"""What a promotion imports, imported: see `tests.support.commands`."""

import tidegate.cli.main  # noqa: F401
from tidegate.adapters.mlflow import library

library.load()
with library._lean():
    import mlflow.store.model_registry.sqlalchemy_store
    import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
