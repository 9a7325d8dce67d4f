"""Says what there is where something isn't: the nearest model, its aliases, its newest version."""

from __future__ import annotations

import difflib
import threading
from typing import Any

from tidegate.adapters.mlflow.connection import Session
from tidegate.domain.model import VersionQuery
from tidegate.errors import NotFound, OutsideError

# Explaining costs a question or two; in a batch where all is wrong, a few explanations suffice.
_EXPLAINED = 10
_NAMES = 1_000
_SHOWN_ALIASES = 8


def shown(text: str) -> str:
    """A name from outside, quoted, on one line, and not endless."""
    return repr(text if len(text) <= 80 else text[:79] + "…")


class Absences:
    """Explains, in one batch, what was not found."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._left = _EXPLAINED
        self._names: list[str] | None = None
        self._lock = threading.Lock()

    def explain(self, query: VersionQuery) -> NotFound:
        """The NotFound that names what exists instead, where the store still answers."""
        wanted = f"alias {shown(query.alias or '')}" if query.alias else f"version {query.version}"
        missing = f"MLflow has no {wanted} of model {shown(query.model)}"
        with self._lock:
            self._left -= 1
            if self._left < 0:
                return NotFound(missing)
        try:
            model = self._session.ask(lambda mlflow: mlflow.get_registered_model(query.model))
        except NotFound:
            return NotFound(
                f"MLflow has no model {shown(query.model)}", hint=self._nearest(query.model)
            )
        except OutsideError:
            return NotFound(missing)
        return NotFound(missing, hint=_aliases(model) if query.alias else _newest(model))

    def _nearest(self, name: str) -> str:
        with self._lock:
            if self._names is None:
                try:
                    models = self._session.ask(
                        lambda mlflow: mlflow.search_registered_models(max_results=_NAMES)
                    )
                    self._names = [str(model.name) for model in models]
                except OutsideError:
                    self._names = []
        if not self._names:
            return "there are no registered models that we may see"
        near = difflib.get_close_matches(name[:256], self._names, n=1)
        if near:
            return f"did you mean {shown(near[0])}?"
        return "look up the model's name in MLflow; it is written in the app's app.yaml"


def _aliases(model: Any) -> str:
    names = sorted(str(name) for name in model.aliases)
    if not names:
        return "the model has no aliases"
    more = f" and {len(names) - _SHOWN_ALIASES} more" if len(names) > _SHOWN_ALIASES else ""
    return "its aliases are: " + ", ".join(map(shown, names[:_SHOWN_ALIASES])) + more


def _newest(model: Any) -> str:
    numbers = [int(version.version) for version in model.latest_versions or ()]
    return f"its newest version is {max(numbers)}" if numbers else "the model has no versions"
