"""`tidegate release`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.commands.hold import add_places, add_reason, end, read_places
from tidegate.cli.commands.promote import add_way, as_text, read_version, read_way
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate release recommender --env prod --reason 'the alerts were false'
  tidegate release recommender --env prod --version 7 --reason 'the fault was the feature store'
  tidegate release --all --env prod --reason 'stock-taking is over'

It lifts holds whoever's they are. With --version it lifts that version's block too. Where an
environment's delivery is pull-request, it opens a pull request.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_places(parser)
    parser.add_argument("--version", metavar="N", help="lift the block of this version too")
    add_reason(parser)
    add_way(parser, direct="commit, where an environment with pull requests allows that")
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Lifts holds and blocks, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.holding import HoldRequest
    from tidegate.flows.hold import release
    from tidegate.report.pull_requests.holding import write_hold

    apps = read_places(arguments)
    if arguments.version is not None and len(set(apps)) != 1:
        raise InputError("--version is of one app's model", hint="name that app alone")
    request = HoldRequest(
        environment=arguments.env,
        apps=apps,
        reason=as_text(arguments.reason),
        version=read_version("--version", arguments.version),
        requested_by=as_text(arguments.requested_by),
        delivery=read_way(arguments),
    )
    wiring = Wiring(arguments)
    report = release(request, wiring, terminal.progress, write_hold, dry_run=arguments.dry_run)
    return end(report, arguments.format, wiring, terminal)
