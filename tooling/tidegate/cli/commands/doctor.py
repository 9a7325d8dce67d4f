"""`tidegate doctor`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_format(parser)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Looks at everything, and reports; exits with 3 where something needed is missing."""
    from tidegate.cli.wiring import Wiring, look_for_tools
    from tidegate.flows.doctor import diagnose

    environ = terminal.environ
    diagnosis = diagnose(look_for_tools(environ), lambda: Wiring(arguments), environ)
    show("diagnosis", diagnosis, arguments.format, terminal)
    return diagnosis.exit_code
