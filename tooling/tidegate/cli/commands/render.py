"""`tidegate render`."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.completion import add_app, add_environment

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    add_app(parser)
    add_environment(parser, "--env", required=True)
    parser.add_argument(
        "--show-secrets", action="store_true", help="print Secrets' values instead of dots"
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Renders the overlay of the work tree, and prints it as YAML."""
    from tidegate.cli.looking import Looking
    from tidegate.domain.difference import mask
    from tidegate.flows.render import render
    from tidegate.repository.dumping import dump

    rendered = render(arguments.app, arguments.env, Looking(arguments), terminal.progress)
    objects = (manifest.data for manifest in rendered.manifests)
    terminal.write(dump(objects if arguments.show_secrets else map(mask, objects)))
    return 0
