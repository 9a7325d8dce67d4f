"""`tidegate hold`."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.promote import as_text
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal
    from tidegate.domain.holding import HoldReport

_EPILOG = """\
examples:
  tidegate hold recommender --env prod --until 2d --reason 'looking into the alerts'
  tidegate hold --all --env prod --until 2099-11-30T08:00:00Z --reason 'stock-taking'

A hold is a file in the repository; it stops `promote`, and never `rollback`.
"""

_AHEAD = re.compile(r"([1-9][0-9]{0,4})([mhd])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days"}


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


def read_until(text: str | None, now: datetime) -> datetime | None:
    """`2d` from now, to the minute, or the time itself. Raises InputError."""
    if text is None:
        return None
    ahead = _AHEAD.fullmatch(text)
    try:
        if ahead:
            length = timedelta(**{_UNITS[ahead[2]]: int(ahead[1])})
            return (now + length).replace(second=0, microsecond=0)
        moment = datetime.fromisoformat(text)
        # Near both ends of the calendar there are times that have no equal in UTC.
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_time(text, "is no time") from None
    if moment.tzinfo is None:
        raise _no_time(text, "has no time zone")
    return moment.replace(microsecond=0)


def _no_time(text: str, why: str) -> InputError:
    hint = "such as 2d, 6h or 30m from now, or 2099-11-30T08:00:00Z"
    return InputError(f"--until {text!r} {why}", hint=hint)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Holds, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.holding import HoldRequest
    from tidegate.flows.hold import hold

    apps = read_places(arguments)
    wiring = Wiring(arguments)
    request = HoldRequest(
        environment=arguments.env,
        apps=apps,
        reason=as_text(arguments.reason),
        until=read_until(arguments.until, wiring.now()),
        requested_by=as_text(arguments.requested_by),
    )
    report = hold(request, wiring, terminal.progress, dry_run=arguments.dry_run)
    return end(report, arguments.format, terminal)


def end(report: HoldReport, form: str, terminal: Terminal) -> int:
    """Shows the report, and the error that it ended with; its exit code."""
    show("holds", report, form, terminal)
    if report.written.error:
        terminal.complain(report.written.error.message, report.written.error.hint)
    return report.exit_code
