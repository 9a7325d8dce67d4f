"""`tidegate rollback`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.hold import add_reason
from tidegate.cli.commands.promote import add_way, as_text, read_version, read_way
from tidegate.cli.commands.wait import add_healthy_for
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.rollback import RollbackReport

_EPILOG = """\
examples:
  tidegate rollback recommender --env prod --reason 'answers take twice as long'
  tidegate rollback recommender --env prod --to 5 --reason 'everything since 6 is off'
  tidegate rollback recommender --env prod --wait --reason 'answers take twice as long'
  tidegate rollback recommender --env prod --direct --reason 'everybody gets errors'

It needs Git alone, asks no gate, blocks the version that ran, and holds the app until
`tidegate release`. Several apps are one commit: either all go back, or none does. Where an
environment's delivery is pull-request, it opens a pull request instead of committing.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_app(parser, nargs="+")
    add_environment(parser, "--env", required=True)
    parser.add_argument(
        "--to",
        metavar="VERSION",
        help="this version, which ran there before (the newest other one that isn't blocked)",
    )
    add_reason(parser)
    add_way(parser, direct="commit at once, in an emergency; the record says so")
    parser.add_argument(
        "--wait", action="store_true", help="go on until it is live, or clear why it isn't"
    )
    add_healthy_for(parser)
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Goes back, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.rollback import RollbackRequest
    from tidegate.flows.progress_comment import tell_written
    from tidegate.flows.rollback import rollback
    from tidegate.report.pull_requests import progress
    from tidegate.report.pull_requests.back import write_back

    request = RollbackRequest(
        environment=arguments.env,
        apps=tuple(arguments.app),
        reason=as_text(arguments.reason),
        version=read_version("--to", arguments.to),
        requested_by=as_text(arguments.requested_by),
        delivery=read_way(arguments),
    )
    wiring = Wiring(arguments)
    wait = arguments.wait and not arguments.dry_run
    report = rollback(
        request, wiring, terminal.progress, write_back, wait=wait, dry_run=arguments.dry_run
    )
    report = replace(report, written=tell_written(report.written, wiring, progress.write))
    if wait:
        report = _follow(report, arguments, wiring, terminal)
    show("rollback", report, arguments.format, terminal)
    if report.error:
        terminal.complain(report.error.message, report.error.hint)
    return report.exit_code


def _follow(
    report: RollbackReport, arguments: Namespace, wiring: Wiring, terminal: Terminal
) -> RollbackReport:
    from tidegate.cli.bars import Bars
    from tidegate.delivery.settling import Patience
    from tidegate.flows.deliver import deliver_back

    patience = Patience(healthy=arguments.healthy_for)
    with Bars(terminal) as bars:
        return deliver_back(report, wiring, terminal.progress, bars, patience)
