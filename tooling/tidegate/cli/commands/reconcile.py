"""`tidegate reconcile`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_environment
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


_EPILOG = """\
examples:
  tidegate reconcile --env prod
  tidegate reconcile --fix aliases

exit codes: 0 where all agree; 1 where something disagrees; 3 where something could not be looked at
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_environment(parser, "--env")
    parser.add_argument(
        "--fix",
        choices=("aliases",),
        help="move the registry's aliases to what is live, as Git has it",
    )
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Compares, and reports."""
    from tidegate.cli.wiring import Wiring, warm
    from tidegate.flows.reconcile import reconcile

    warm(arguments)
    report = reconcile(
        arguments.env,
        Wiring(arguments),
        terminal.progress,
        fix_aliases=arguments.fix == "aliases",
    )
    show("reconciliation", report, arguments.format, terminal)
    return report.exit_code
