"""`tidegate deliver`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.wait import add_healthy_for
from tidegate.cli.completion import add_environment
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate deliver --since 3f3bf71097
  tidegate deliver --since 3f3bf71097 --env prod --on-failure rollback --timeout 20m

exit codes: those of `tidegate wait`; 0 where nothing was brought
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--since",
        metavar="COMMIT",
        required=True,
        help="follow every release that changed after this commit of the branch",
    )
    add_environment(parser, "--env")
    add_healthy_for(parser)
    parser.add_argument(
        "--on-failure",
        choices=("keep", "rollback"),
        default="keep",
        help="go back by itself where the cluster was seen to fail (keep)",
    )
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Follows what was brought, and reports."""
    from tidegate.cli.bars import Bars
    from tidegate.cli.wiring import Wiring
    from tidegate.delivery.settling import Patience
    from tidegate.flows.arrive import ArrivalRequest, arrive
    from tidegate.report.pull_requests.progress import write

    request = ArrivalRequest(
        arguments.since,
        arguments.env,
        Patience(healthy=arguments.healthy_for),
        go_back=arguments.on_failure == "rollback",
    )
    with Bars(terminal) as bars:
        report = arrive(request, Wiring(arguments), terminal.progress, bars, write)
    show("arrivals", report, arguments.format, terminal)
    for arrival in report.arrivals:
        for note in arrival.notes:
            terminal.tell(note)
        if arrival.error:
            terminal.complain(arrival.error.message, arrival.error.hint)
    return report.exit_code
