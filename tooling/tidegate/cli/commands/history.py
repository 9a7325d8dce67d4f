"""`tidegate history`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_app(parser)
    add_environment(parser, "--env")
    add_format(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the branch's history, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.flows.history import history

    report = history(arguments.app, arguments.env, Wiring(arguments), terminal.progress)
    show("history", report, arguments.format, terminal)
    return 0
