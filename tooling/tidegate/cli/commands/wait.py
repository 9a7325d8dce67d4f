"""`tidegate wait`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format, seconds

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate wait recommender --env prod
  tidegate wait recommender digits --env staging --healthy-for 1m --timeout 20m

exit codes: 0 live; 1 a sync window is closed; 3 failed, degraded, suspended, superseded, not live
in time, or nothing could be seen
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_app(parser, nargs="+")
    add_environment(parser, "--env", required=True)
    parser.add_argument(
        "--revision", metavar="SHA", help="from this commit of the branch on (its head)"
    )
    add_healthy_for(parser)
    add_format(parser, "markdown")


def add_healthy_for(parser: ArgumentParser) -> None:
    """How long health has to hold."""
    parser.add_argument(
        "--healthy-for",
        metavar="TIME",
        type=seconds,
        default=10.0,
        help="how long an app has to be healthy before it counts as live, such as 30s (10s)",
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Waits, and reports."""
    from tidegate.cli.bars import Bars
    from tidegate.cli.wiring import Wiring
    from tidegate.delivery.settling import Patience
    from tidegate.flows.wait import WaitRequest, wait

    patience = Patience(healthy=arguments.healthy_for)
    request = WaitRequest(arguments.env, tuple(arguments.app), arguments.revision, patience)
    with Bars(terminal) as bars:
        report = wait(request, Wiring(arguments), terminal.progress, bars)
    show("sync", report, arguments.format, terminal)
    return report.exit_code
