"""`tidegate audit`."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.promote import as_text
from tidegate.cli.completion import add_environment
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate audit --since 2026-01-01 --until 2026-04-01 --format csv > first-quarter.csv
  tidegate audit --since 90d --env prod

Reads Git alone; a day without a zone begins at midnight UTC.
"""

_AGO = re.compile(r"([1-9][0-9]{0,4})([hdw])")
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument("--since", metavar="TIME", help="from then on: 2026-01-01, a time, or 90d")
    parser.add_argument("--until", metavar="TIME", help="up to then, not included")
    parser.add_argument("--app", metavar="APP", help="an app's name")
    add_environment(parser, "--env")
    add_format(parser, "csv", "markdown")


def read_time(name: str, text: str | None, now: datetime) -> datetime | None:
    """`90d` ago, midnight of a day in UTC, or the time itself. Raises InputError."""
    if text is None:
        return None
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        moment = datetime.fromisoformat(text)
        is_day = len(text) == len("2026-01-01") and moment.time() == datetime.min.time()
        moment = moment.replace(tzinfo=UTC) if is_day else moment
        moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise _no_time(name, text, "is no time") from None
    if moment.tzinfo is None:
        raise _no_time(name, text, "has no time zone")
    return moment


def _no_time(name: str, text: str, why: str) -> InputError:
    hint = "such as 2026-01-01, 2026-01-01T08:00:00Z, or 90d, 12h, 2w for so long ago"
    return InputError(f"{name} {text!r} {why}", hint=hint)


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the branch's whole history, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.audit import AuditScope
    from tidegate.flows.audit import audit

    wiring = Wiring(arguments)
    now = wiring.now()
    scope = AuditScope(
        since=read_time("--since", arguments.since, now),
        until=read_time("--until", arguments.until, now),
        app=as_text(arguments.app),
        environment=arguments.env,
    )
    if scope.since and scope.until and scope.since >= scope.until:
        raise InputError("--until is not after --since")
    show("audit", audit(scope, wiring, terminal.progress), arguments.format, terminal)
    return 0
