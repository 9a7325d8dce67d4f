"""`tidegate evaluate`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.commands.promote import add_request, end, read_request
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_request(parser)
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Judges, and reports; exits with 1 where a gate says no."""
    from tidegate.cli.wiring import Wiring, warm
    from tidegate.flows.promote import evaluate

    request = read_request(arguments)
    warm(arguments)
    wiring = Wiring(arguments)
    return end(evaluate(request, wiring, terminal.progress), arguments.format, terminal)
