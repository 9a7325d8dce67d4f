"""MLflow's client library, imported late (about a second), quiet, and kept within limits."""

from __future__ import annotations

import base64
import importlib.util
import logging
import math
import os
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from typing import Any

from tidegate.adapters.mlflow.address import Address
from tidegate.errors import OutsideError

_INSTALL = "install Tidegate with its extra: pip install 'tidegate[mlflow]'"
# The longest answers are searches for a thousand models with all their tags.
ANSWER_LIMIT = 32 * 2**20
_UNUSED = ("pandas", "numpy", "pyarrow", "scipy", "sklearn", "matplotlib")
_CREDENTIALS = ("MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN")


class TooLong(Exception):
    """An answer that can't be MLflow's; MLflow wraps it in an exception of its own."""


def load() -> Any:
    """The class MlflowClient. Raises OutsideError where MLflow is not installed."""
    # Asked for before the import, because MLflow starts its telemetry while it is imported.
    os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
    try:
        with _lean():
            from mlflow import MlflowClient
    except ImportError as error:
        message = f"MLflow's client library can't be imported: {error}"
        raise OutsideError(message, hint=_INSTALL) from error
    _bound_answers()
    # It logs whole tracebacks on standard error before it raises; we report what it raises.
    logging.getLogger("mlflow").setLevel(logging.CRITICAL)
    logging.getLogger("alembic").setLevel(logging.CRITICAL)
    return MlflowClient


@cache
def _bound_answers() -> None:
    """Ends answers that are too long to be MLflow's. It reads each to its end before it looks, and
    has no limit, so that one that never ends would fill the memory; requests, through which it
    asks, serves nobody else in this process."""
    from requests.adapters import HTTPAdapter

    build = HTTPAdapter.build_response

    def build_bounded(self: Any, request: Any, response: Any) -> Any:
        response.stream = partial(_bounded, response.stream)
        return build(self, request, response)

    HTTPAdapter.build_response = build_bounded  # type: ignore[method-assign, assignment] # on purpose


def _bounded(stream: Callable[..., Iterator[bytes]], *words: Any, **more: Any) -> Iterator[bytes]:
    size = 0
    for chunk in stream(*words, **more):
        size += len(chunk)
        if size > ANSWER_LIMIT:
            raise TooLong
        yield chunk


def open_client(address: Address) -> Any:
    """A client of the store. Raises OutsideError where a library is missing; whatever else goes
    wrong comes as the library's own exception."""
    client = load()
    if address.file is not None:
        for name in ("sqlalchemy", "alembic"):
            if importlib.util.find_spec(name) is None:
                message = f"MLflow needs {name} to read {address.shown}, and it is not installed"
                raise OutsideError(message, hint=_INSTALL)
    with _lean():
        return client(tracking_uri=address.uri, registry_uri=address.uri)


@contextmanager
def _lean() -> Iterator[None]:
    """Lets MLflow import as if only mlflow-skinny were installed. Where these packages are there it
    imports them too, which takes longer than all the rest, and nothing that we ask needs them."""
    hidden = [name for name in _UNUSED if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in hidden:
            if sys.modules.get(name, _UNUSED) is None:
                del sys.modules[name]


def credentials() -> tuple[str, ...]:
    """The secrets that MLflow takes from the environment, to be kept out of messages."""
    secrets = [value for name in _CREDENTIALS if (value := os.environ.get(name))]
    user = os.environ.get("MLFLOW_TRACKING_USERNAME", "")
    return (*secrets, *(base64.b64encode(f"{user}:{value}".encode()).decode() for value in secrets))


_lock = threading.Lock()
_users = 0
_saved: dict[str, str | None] = {}


@contextmanager
def limits(seconds: float, retries: int) -> Iterator[None]:
    """Bounds MLflow's HTTP requests while the block runs. The process environment is the only
    place that MLflow reads them from; the last block to end puts it back as it was."""
    global _users, _saved  # noqa: PLW0603 - as process-wide as the environment itself
    settings = {
        "MLFLOW_HTTP_REQUEST_TIMEOUT": str(math.ceil(seconds)),
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": str(retries),
        "MLFLOW_HTTP_REQUEST_BACKOFF_FACTOR": "0",
        "MLFLOW_HTTP_REQUEST_BACKOFF_JITTER": "0.3",
    }
    with _lock:
        _users += 1
        if _users == 1:
            _saved = {name: os.environ.get(name) for name in settings}
        os.environ.update(settings)
    try:
        yield
    finally:
        with _lock:
            _users -= 1
            if _users == 0:
                for name, value in _saved.items():
                    if value is None:
                        os.environ.pop(name, None)
                    else:
                        os.environ[name] = value
