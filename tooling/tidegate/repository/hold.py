"""hold.yaml ↔ Hold."""

from __future__ import annotations

from tidegate.domain.hold import Hold
from tidegate.domain.snapshot import Snapshot
from tidegate.errors import ConfigurationError
from tidegate.repository.layout import hold_files, require_file
from tidegate.repository.moment import MOMENT, format_moment, parse_moment
from tidegate.repository.quoting import quoted
from tidegate.repository.schemas import check
from tidegate.repository.yaml import load


def read_holds(snapshot: Snapshot, environment: str, app: str) -> tuple[Hold, ...]:
    """The holds on an app: the environment's, then its own, those that have ended included.

    Raises ConfigurationError: a hold that can't be read must not let anything pass.
    """
    whole, own = hold_files(environment, app)
    found = (read_hold(snapshot, whole, whole=True), read_hold(snapshot, own, whole=False))
    return tuple(hold for hold in found if hold)


def read_hold(snapshot: Snapshot, path: str, *, whole: bool) -> Hold | None:
    """The hold in that file; None where there is no such file. Raises ConfigurationError."""
    if path not in snapshot:
        return None
    require_file(snapshot, path)
    document = load(path, snapshot.read(path))
    problems = list(check("hold", document))
    if problems:
        raise ConfigurationError(problems)
    data = document.data
    until = data.get("until")
    moment = parse_moment(until) if until is not None else None
    if until is not None and moment is None:
        problem = document.problem(("until",), "is no time with a zone", MOMENT)
        raise ConfigurationError([problem])
    return Hold(data["by"], data["reason"], moment, whole)


def format_hold(hold: Hold) -> bytes:
    """The file's text."""
    up = "../.." if hold.whole else "../../.."
    lines = [
        "# Written by tidegate; `tidegate release` lifts it.",
        f"# yaml-language-server: $schema={up}/policies/schemas/hold.json",
        "apiVersion: tidegate.dev/v1",
        "kind: Hold",
        f"by: {quoted(hold.by)}",
        f"reason: {quoted(hold.reason)}",
    ]
    if hold.until:
        lines.append(f"until: {quoted(format_moment(hold.until))}")
    return "".join(f"{line}\n" for line in lines).encode()
