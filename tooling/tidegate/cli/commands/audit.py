"""`tidegate audit`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.commands.promote import as_text
from tidegate.cli.completion import add_environment
from tidegate.cli.moment import read_past
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from datetime import datetime

    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate audit --since 2026-01-01 --until 2026-04-01 --format csv > first-quarter.csv
  tidegate audit --since 90d --env prod

Reads Git alone; a day without a zone begins at midnight UTC.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument("--since", metavar="TIME", help="from then on: 2026-01-01, a time, or 90d")
    parser.add_argument("--until", metavar="TIME", help="up to then, not included")
    parser.add_argument("--app", metavar="APP", help="an app's name")
    add_environment(parser, "--env")
    add_format(parser, "csv", "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Reads the branch's whole history, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.audit import AuditScope
    from tidegate.flows.audit import audit

    wiring = Wiring(arguments)
    now = wiring.now()
    scope = AuditScope(
        since=_read("--since", arguments.since, now),
        until=_read("--until", arguments.until, now),
        app=as_text(arguments.app),
        environment=arguments.env,
    )
    if scope.since and scope.until and scope.since >= scope.until:
        raise InputError("--until is not after --since")
    show("audit", audit(scope, wiring, terminal.progress), arguments.format, terminal)
    return 0


def _read(option: str, text: str | None, now: datetime) -> datetime | None:
    return None if text is None else read_past(option, text, now)
