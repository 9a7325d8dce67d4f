"""`tidegate sync`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.wait import add_healthy_for
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate sync recommender --env prod --dry-run      what a sync would do
  tidegate sync recommender --env prod --wait

Argo CD takes the head of the branch that it follows. With automated sync on, this is only needed
after a sync that failed, for Argo CD tries no commit twice.

exit codes: those of `tidegate wait`; without --wait, 0 where Argo CD took the request
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_app(parser, nargs="+")
    add_environment(parser, "--env", required=True)
    parser.add_argument("--wait", action="store_true", help="wait until it is live, or why not")
    parser.add_argument("--prune", action="store_true", help="delete what Git dropped, too")
    parser.add_argument(
        "--dry-run", action="store_true", help="say what a sync would do, and change nothing"
    )
    add_healthy_for(parser)
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Asks for the sync, and reports."""
    from tidegate.cli.bars import Bars
    from tidegate.cli.wiring import Wiring
    from tidegate.delivery.settling import Patience
    from tidegate.flows.sync import AppSync, sync

    request = AppSync(
        arguments.env,
        tuple(arguments.app),
        wait=arguments.wait,
        prune=arguments.prune,
        dry_run=arguments.dry_run,
        patience=Patience(healthy=arguments.healthy_for),
    )
    with Bars(terminal) as bars:
        report = sync(request, Wiring(arguments), terminal.progress, bars)
    show("sync", report, arguments.format, terminal)
    return report.exit_code
