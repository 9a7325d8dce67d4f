"""A verb's report, in the form that was asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

# Forms whose functions make the very text that is written.
_WRITTEN = ("markdown", "sarif", "junit", "github", "csv")


def show(kind: str, report: Any, form: str, terminal: Terminal, **options: bool) -> None:
    """Writes a report; `kind` names the function of each form that knows such reports, and
    `options` are for the text that people read."""
    if form == "json":
        from tidegate.report import json

        terminal.write(json.dump(getattr(json, kind)(report)))
    elif form in _WRITTEN:
        module = import_module(f"tidegate.report.{form}")
        terminal.write(getattr(module, kind)(report))
    else:
        from tidegate.report import text

        terminal.show(getattr(text, kind)(report, **options))
