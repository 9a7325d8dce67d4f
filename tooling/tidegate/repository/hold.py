"""hold.yaml → Hold."""

from __future__ import annotations

from datetime import datetime

from tidegate.domain.hold import Hold
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError, Problem
from tidegate.repository.layout import hold_files
from tidegate.repository.schemas import check
from tidegate.repository.yaml import load


def read_holds(snapshot: Snapshot, environment: str, app: str) -> tuple[Hold, ...]:
    """The holds on an app: the environment's, then its own, those that have ended included.

    Raises ConfigurationError: a hold that can't be read must not let anything pass.
    """
    whole, own = hold_files(environment, app)
    return tuple(
        _read(snapshot, path, whole=path == whole) for path in (whole, own) if path in snapshot
    )


def _read(snapshot: Snapshot, path: str, *, whole: bool) -> Hold:
    if not snapshot.is_file(path):
        message = "is a folder, a symbolic link or a submodule"
        raise ConfigurationError([Problem(path, 0, 0, "", message, expected="a regular file")])
    document = load(path, snapshot.read(path))
    problems = list(check("hold", document))
    if problems:
        raise ConfigurationError(problems)
    data = document.data
    until = data.get("until")
    moment = None
    if until is not None:
        try:
            moment = datetime.fromisoformat(until)
        except ValueError:
            moment = None
        if moment is None or moment.tzinfo is None:
            place = document.place(("until",))
            expected = "a time with its zone, such as 2026-01-31T18:00:00Z"
            message = "is no time with a zone"
            raise ConfigurationError(
                [Problem(path, place.line, place.column, "until", message, expected=expected)]
            )
    return Hold(data["by"], data["reason"], moment, whole)
