"""`tidegate hold`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.promote import add_way, as_text, read_way
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.moment import read_future
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.holding import HoldReport

_EPILOG = """\
examples:
  tidegate hold recommender --env prod --until 2d --reason 'looking into the alerts'
  tidegate hold --all --env prod --until 2099-11-30T08:00:00Z --reason 'stock-taking'

A hold is a file in the repository; it stops `promote`, and never `rollback`. Where an
environment's delivery is pull-request, it opens a pull request, and holds once that is merged.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_places(parser)
    parser.add_argument(
        "--until",
        metavar="TIME",
        help="when it ends by itself: a time with its zone, or such as 6h or 2d from now",
    )
    add_reason(parser)
    add_way(parser, direct="commit at once, in an emergency; the record says so")
    add_format(parser, "markdown")


def add_places(parser: ArgumentParser) -> None:
    """Which apps, or the whole environment."""
    add_app(parser, nargs="*")
    add_environment(parser, "--env", required=True)
    parser.add_argument(
        "--all", action="store_true", help="the whole environment, and apps that are to come"
    )


def add_reason(parser: ArgumentParser) -> None:
    """Why, who, and whether it is meant."""
    parser.add_argument(
        "--reason", metavar="TEXT", required=True, help="why; kept in the repository"
    )
    parser.add_argument(
        "--requested-by", metavar="NAME", help="the human behind a bot; kept in the repository"
    )
    parser.add_argument(
        "--dry-run", action="store_true", help="print the plan, and write nothing anywhere"
    )


def read_places(arguments: Namespace) -> tuple[str, ...]:
    """The apps; none for the whole environment. Raises InputError."""
    if arguments.all and arguments.app:
        raise InputError("name apps, or take the whole environment with --all, not both")
    if not arguments.all and not arguments.app:
        raise InputError("which app?", hint="name one or more, or use --all for the environment")
    return tuple(arguments.app)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Holds, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.holding import HoldRequest
    from tidegate.flows.hold import hold
    from tidegate.report.pull_requests.holding import write_hold

    apps = read_places(arguments)
    wiring, until = Wiring(arguments), None
    if arguments.until is not None:
        until = read_future("--until", arguments.until, wiring.now())
    request = HoldRequest(
        environment=arguments.env,
        apps=apps,
        reason=as_text(arguments.reason),
        until=until,
        requested_by=as_text(arguments.requested_by),
        delivery=read_way(arguments),
    )
    report = hold(request, wiring, terminal.progress, write_hold, dry_run=arguments.dry_run)
    return end(report, arguments.format, wiring, terminal)


def end(report: HoldReport, form: str, wiring: Wiring, terminal: Terminal) -> int:
    """Tells pull requests, shows the report, and the error that it ended with; its exit code."""
    from tidegate.flows.progress_comment import tell_written
    from tidegate.report.pull_requests import progress

    report = replace(report, written=tell_written(report.written, wiring, progress.write))
    show("holds", report, form, terminal)
    if report.written.error:
        terminal.complain(report.written.error.message, report.written.error.hint)
    return report.exit_code
