"""`tidegate status`."""

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
    add_app(parser, nargs="?")
    add_environment(parser, "--env")
    add_format(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the branch, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.flows.status import status

    report = status(arguments.app, arguments.env, Wiring(arguments), terminal.progress)
    show("status", report, arguments.format, terminal)
    return 0
