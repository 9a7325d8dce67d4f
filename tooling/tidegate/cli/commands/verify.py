"""`tidegate verify`."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.parser import add_format

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate verify --base origin/main
  tidegate verify --base origin/main --head HEAD --format github

Settings, gates, waivers, holds and blocks are read from the base. What earlier commands have kept
of scans and renderings isn't used.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--base", metavar="REF", required=True, help="what it is to be merged into, just fetched"
    )
    parser.add_argument("--head", metavar="REF", default="HEAD", help="what is to be merged (HEAD)")
    add_format(parser, "markdown", "github")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Holds the change against what Tidegate would write; exits with 1 where it is refused."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.verification import VerifyRequest
    from tidegate.flows.verify import verify

    request = VerifyRequest(arguments.base, arguments.head)
    # Whoever could write to a cache could write a verdict.
    with tempfile.TemporaryDirectory(prefix="tidegate-") as caches:
        wiring = Wiring(arguments, caches=Path(caches))
        report = verify(request, wiring, terminal.progress)
    show("verification", report, arguments.format, terminal)
    return report.exit_code
