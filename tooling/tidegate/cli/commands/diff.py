"""`tidegate diff`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_app(parser)
    add_environment(parser, "--env", required=True)
    parser.add_argument(
        "--against",
        metavar="REF",
        default="HEAD",
        help="the commit, branch or tag that the work tree is held against (HEAD)",
    )
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Renders both sides, and reports objects and fields, old → new."""
    from tidegate.cli.looking import Looking
    from tidegate.flows.render import diff

    looking = Looking(arguments)
    report = diff(arguments.app, arguments.env, arguments.against, looking, terminal.progress)
    show("difference", report, arguments.format, terminal)
    return 0
