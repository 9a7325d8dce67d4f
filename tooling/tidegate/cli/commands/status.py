"""`tidegate status`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tidegate.cli.terminal import Terminal
    from tidegate.domain.standing import StatusReport

_EPILOG = """\
examples:
  tidegate status
  tidegate status recommender --env prod
  tidegate status --offline
  tidegate status --env prod --watch --timeout 2h

Beside Git, it asks the model registry for its aliases, and Argo CD for what is live. What doesn't
answer within 15 s is told as not known; the exit code is 0 all the same.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_app(parser, nargs="?")
    add_environment(parser, "--env")
    parser.add_argument(
        "--offline", action="store_true", help="ask Git alone: no aliases, and not what is live"
    )
    parser.add_argument(
        "--watch",
        action="store_true",
        help="go on until --timeout is over: redrawn on a terminal, else a line for each change",
    )
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Looks, and reports."""
    from tidegate.cli.wiring import Wiring, warm
    from tidegate.flows.status import StatusRequest, status

    if arguments.watch and (arguments.offline or arguments.format != "text"):
        raise InputError(
            "--watch goes with neither --offline nor another format than text",
            hint="programs follow one app with `tidegate wait`, or ask again and again",
        )
    if not arguments.offline:
        warm(arguments)
    request = StatusRequest(arguments.app, arguments.env, arguments.offline)
    if arguments.watch:
        from tidegate.flows.status_watch import watch

        follow(watch(request, Wiring(arguments), terminal.progress), terminal)
        return 0
    report = status(request, Wiring(arguments), terminal.progress)
    options = {"verbose": terminal.verbose} if arguments.format == "text" else {}
    show("status", report, arguments.format, terminal, **options)
    return 0


def follow(reports: Iterable[StatusReport], terminal: Terminal) -> None:
    """Draws one report over the other; where that can't be, writes what has changed."""
    from tidegate.report.status.text import status

    screen = terminal.screen()
    if screen is None:
        _log(reports, terminal)
        return
    with screen:
        for report in reports:
            # What stands out goes first, for a screen may be too short for all.
            standings = sorted(report.standings, key=lambda standing: not standing.disagreements)
            shown = replace(report, standings=tuple(standings))
            screen.update(status(shown, verbose=terminal.verbose), refresh=True)


def _log(reports: Iterable[StatusReport], terminal: Terminal) -> None:
    from tidegate.report.status.text import lines, status

    known: set[str] = set()
    for number, report in enumerate(reports):
        now = lines(report)
        if number == 0:
            terminal.show(status(report, verbose=terminal.verbose))
        for line in now:
            if number and line not in known:
                terminal.write(f"{line}\n")
        known = set(now)
