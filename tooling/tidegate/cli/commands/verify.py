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
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.verification import VerifyReport

_EPILOG = """\
examples:
  tidegate verify --base origin/main
  tidegate verify --base origin/main --head HEAD --format github

Settings, gates, waivers, holds and blocks are read from the base. What earlier commands have kept
of scans and renderings isn't used. With --status that is also said at the provider.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument(
        "--base", metavar="REF", required=True, help="what it is to be merged into, just fetched"
    )
    parser.add_argument("--head", metavar="REF", default="HEAD", help="what is to be merged (HEAD)")
    parser.add_argument(
        "--status", action="store_true", help="say on the head, as tidegate/verify, what it came to"
    )
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
    if arguments.status:
        _say(report, wiring, terminal)
    return report.exit_code


def _say(report: VerifyReport, wiring: Wiring, terminal: Terminal) -> None:
    """The status on the head that was judged."""
    from tidegate.cli.addresses import job_page
    from tidegate.domain.pull_request import Status, StatusState
    from tidegate.flows.verdict_status import Speaker
    from tidegate.report.verification import words

    state = {0: StatusState.SUCCESS, 1: StatusState.FAILURE}.get(
        report.exit_code, StatusState.ERROR
    )
    page = job_page(terminal.environ)
    speaker = Speaker(wiring.repository.snapshot(report.base), wiring)
    speaker.set_status(Status(report.head, "tidegate/verify", state, words.closing(report), page))
    for note in speaker.notes:
        terminal.tell(note)
