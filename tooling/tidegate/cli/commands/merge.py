"""`tidegate merge`."""

from __future__ import annotations

import tempfile
from argparse import ArgumentParser, Namespace
from pathlib import Path
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal

_EPILOG = """\
examples:
  tidegate merge 42                    as one commit, if nothing speaks against it now
  tidegate merge 42 --dry-run          what speaks against it
  tidegate merge 42 --auto             by the provider, or its merge queue, once its rules are met

Everything is judged again, on the present head and base, and only that head is merged.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    parser.add_argument("number", metavar="NUMBER", help="the pull request")
    parser.add_argument(
        "--method",
        choices=("merge", "squash", "rebase"),
        default="squash",
        help="what it leaves on the base (squash)",
    )
    parser.add_argument(
        "--auto", action="store_true", help="let the provider merge once its own rules are met"
    )
    parser.add_argument("--dry-run", action="store_true", help="judge, and merge nothing")
    add_format(parser, "markdown")


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Judges again, merges, and reports."""
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.app import MergeMethod
    from tidegate.domain.merging import MergeRequest
    from tidegate.flows.merge import merge
    from tidegate.flows.progress_comment import tell_merge
    from tidegate.report.pull_requests.progress import write

    digits = arguments.number.removeprefix("#")
    if not (digits.isascii() and digits.isdecimal() and len(digits) <= 9 and int(digits)):
        raise InputError(f"{arguments.number!r} is no pull request", hint="such as 42")
    request = MergeRequest(int(digits), MergeMethod(arguments.method), arguments.auto)
    # Whoever could write to a cache could write a verdict.
    with tempfile.TemporaryDirectory(prefix="tidegate-") as caches:
        wiring = Wiring(arguments, caches=Path(caches))
        report = merge(request, wiring, terminal.progress, dry_run=arguments.dry_run)
    if not arguments.dry_run:
        report = tell_merge(report, wiring, write)
    show("merging", report, arguments.format, terminal)
    for note in report.notes:
        terminal.tell(note)
    if report.error:
        terminal.complain(report.error.message, report.error.hint)
    return report.exit_code
