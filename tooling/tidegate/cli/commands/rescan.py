"""`tidegate rescan`."""

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
  tidegate rescan --env prod
  tidegate rescan --issue               each environment's issue is kept up to date

exit codes: 0 where nothing is refused; 1 where something is; 3 where something could not be
scanned, or an issue not be written
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_environment(parser, "--env")
    parser.add_argument(
        "--issue",
        action="store_true",
        help="keep one open issue for each environment in which something is refused, or waivers "
        "end; close it where nothing is left",
    )
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Scans again, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.flows.rescan import rescan
    from tidegate.report.rescan.markdown import announcement

    announce = announcement if arguments.issue else None
    report = rescan(arguments.env, Wiring(arguments), terminal.progress, announce)
    show("rescan", report, arguments.format, terminal)
    return report.exit_code
