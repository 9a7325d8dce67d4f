"""`tidegate diff`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate diff recommender --env prod
  tidegate diff recommender --env prod --against v1.4
  tidegate diff recommender --env prod --live

Values of Secrets are never shown.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_app(parser)
    add_environment(parser, "--env", required=True)
    parser.add_argument(
        "--against",
        metavar="REF",
        help="the commit, branch or tag that the work tree is held against (HEAD)",
    )
    parser.add_argument(
        "--live",
        action="store_true",
        help="what Git wants against what the cluster has, as Argo CD compares them",
    )
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Compares both sides, and reports objects and fields, old → new."""
    if arguments.live:
        _show_live(arguments, terminal)
        return 0
    from tidegate.cli.looking import Looking
    from tidegate.flows.render import diff

    looking, against = Looking(arguments), arguments.against
    against = "HEAD" if against is None else against
    report = diff(arguments.app, arguments.env, against, looking, terminal.progress)
    show("difference", report, arguments.format, terminal)
    return 0


def _show_live(arguments: Namespace, terminal: Terminal) -> None:
    from tidegate.cli.wiring import Wiring
    from tidegate.flows.live_difference import live_difference

    if arguments.against is not None:
        raise InputError("--live goes without --against: Argo CD compares with its branch")
    wiring = Wiring(arguments)
    report = live_difference(arguments.app, arguments.env, wiring, terminal.progress)
    show("live_difference", report, arguments.format, terminal)
