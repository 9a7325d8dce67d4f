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
    from tidegate.domain.proposal import Proposal

_STATUS = "tidegate/verify"
_EPILOG = """\
examples:
  tidegate verify --base origin/main
  tidegate verify --base origin/main --head HEAD --format github

Settings, gates, waivers, holds and blocks are read from the base. What earlier commands have kept
of scans and renderings isn't used. With --status that is also said at the provider: pending first.
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
    from tidegate.flows.verify import verify

    # Whoever could write to a cache could write a verdict.
    with tempfile.TemporaryDirectory(prefix="tidegate-") as caches:
        wiring = Wiring(arguments, caches=Path(caches))
        terminal.progress("reading what is proposed")
        proposal = wiring.proposals.read(arguments.base, arguments.head)
        if arguments.status:
            return _verify_aloud(proposal, wiring, arguments, terminal)
        report = verify(proposal, wiring, terminal.progress)
        show("verification", report, arguments.format, terminal)
    return report.exit_code


def _verify_aloud(
    proposal: Proposal, wiring: Wiring, arguments: Namespace, terminal: Terminal
) -> int:
    """With a status on the head that is judged, which is pending until then."""
    from tidegate.cli.addresses import job_page
    from tidegate.domain.pull_request import Status, StatusState
    from tidegate.flows.verdict_status import Speaker
    from tidegate.flows.verify import verify
    from tidegate.report.verification import words

    page, speaker = job_page(terminal.environ), Speaker(proposal.base, wiring)
    with speaker.pending(proposal.head, _STATUS, page):
        report = verify(proposal, wiring, terminal.progress)
    show("verification", report, arguments.format, terminal)
    state = {0: StatusState.SUCCESS, 1: StatusState.FAILURE}.get(
        report.exit_code, StatusState.ERROR
    )
    speaker.set_status(Status(proposal.head, _STATUS, state, words.closing(report), page))
    for note in speaker.notes:
        terminal.tell(note)
    return report.exit_code
