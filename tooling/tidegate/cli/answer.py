"""A verb's report, in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

# Forms that every report may have; others know a few kinds of reports each.
_USUAL = ("text", "json", "markdown")
# Kinds of reports with a room of their own.
_ROOMS = {
    **{kind: kind for kind in ("arrivals", "audit", "check", "holds", "live_difference")},
    **{kind: kind for kind in ("merging", "reconciliation", "rescan", "rollback", "status")},
    **{kind: kind for kind in ("sync", "verification")},
    **dict.fromkeys(("catalogue", "examples", "rule"), "rules"),
    **dict.fromkeys(("definitions", "schemas"), "schemas"),
}


def find(kind: str, form: str) -> Callable[..., Any]:
    """The function that makes such a report in that form; nothing else is loaded for it."""
    room = _ROOMS.get(kind) if form in _USUAL else None
    module = import_module(f"tidegate.report.{room}.{form}" if room else f"tidegate.report.{form}")
    make: Callable[..., Any] = getattr(module, kind)
    return make


def show(kind: str, report: Any, form: str, terminal: Terminal, **options: bool) -> None:
    """Writes a report; `kind` names the function of each form that knows such reports, and
    `options` are for the text that people read."""
    make = find(kind, form)
    if form == "json":
        from tidegate.report.document import dump

        terminal.write(dump(make(report)))
    elif form == "text":
        terminal.show(make(report, **options))
    else:
        terminal.write(make(report))
