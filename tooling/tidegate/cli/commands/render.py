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
    from tidegate.flows.render import render
    from tidegate.report.yaml import manifests

    rendered = render(arguments.app, arguments.env, Looking(arguments), terminal.progress)
    terminal.write(manifests(rendered.manifests, secrets=arguments.show_secrets))
    return 0
