"""Settings that hold for every test."""

from __future__ import annotations

import os
from typing import Any

import pytest
from hypothesis import settings

# Here, and imported by no test: there is to be one of each for all of them.
from tests.support.argocd_stack import argocd_stack  # noqa: F401
from tests.support.mlflow_server import mlflow_server, mlflow_template  # noqa: F401
from tests.support.proposals import proposals  # noqa: F401

# A busy machine is no failure: examples are bounded in number, not in time. They differ from run
# to run, so that few of them a run are many in a week.
settings.register_profile("tidegate", deadline=None, max_examples=50)
settings.load_profile("tidegate")

os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: Any, log: Any) -> Any:
    """Keeps groups together."""
    from tests.support.scheduling import schedule

    return schedule(config, log)
