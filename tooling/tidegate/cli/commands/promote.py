"""`tidegate promote`."""

from __future__ import annotations

import re
from argparse import ArgumentParser, Namespace, _MutuallyExclusiveGroup
from typing import TYPE_CHECKING, TypeVar

from tidegate.cli.answer import show
from tidegate.cli.commands.wait import add_healthy_for
from tidegate.cli.completion import add_app, add_environment
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.terminal import Terminal
    from tidegate.cli.wiring import Wiring
    from tidegate.domain.app import Delivery
    from tidegate.domain.promotion import PromotionReport, Request
    from tidegate.domain.proposed import ProposalReport

_EPILOG = """\
examples:
  tidegate promote recommender --to dev               the version that the alias names
  tidegate promote recommender --to prod              what staging runs
  tidegate promote recommender --to prod --dry-run    the diff, the message and the verdict
  tidegate promote recommender --to prod --wait --on-failure rollback --timeout 20m
  tidegate promote --selector tier=online --to staging --keep-going
  tidegate promote recommender --to prod --pull-request

Several apps are one commit: either all pass, or nothing is committed. An environment whose
delivery is pull-request gets a pull request for each app, or with --batch one for all.
"""

# MLflow counts them from 1, in 32 bits.
_VERSION = re.compile(r"0*[1-9][0-9]{0,9}")


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EPILOG
    add_request(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="print the plan, and write nothing anywhere"
    )
    parser.add_argument(
        "--keep-going",
        action="store_true",
        help="commit the apps that pass, and exit with 1 where others don't",
    )
    add_delivery(parser)
    add_way(parser, direct="commit, where an environment with pull requests allows that")
    parser.add_argument(
        "--batch", metavar="NAME", help="one pull request of that name for all apps"
    )
    parser.add_argument("--reason", metavar="TEXT", help="why; kept in the commit")
    parser.add_argument(
        "--requested-by", metavar="NAME", help="the human behind a bot; kept in the commit"
    )
    add_format(parser, "markdown")


def add_delivery(parser: ArgumentParser) -> None:
    """What comes after the commit."""
    parser.add_argument(
        "--wait", action="store_true", help="wait until it is really live, or say why it isn't"
    )
    add_healthy_for(parser)
    parser.add_argument(
        "--on-failure",
        choices=("keep", "rollback"),
        default="keep",
        help="with --wait: go back by itself where the cluster was seen to fail (keep)",
    )


def add_way(parser: ArgumentParser, *, direct: str) -> None:
    """Whether by commit or by pull request, where that isn't the environment's own way; `direct`
    says what the first is for."""
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--pull-request",
        action="store_true",
        help="open or update a pull request, also where the environment takes commits",
    )
    way.add_argument("--direct", action="store_true", help=direct)


def read_way(arguments: Namespace) -> Delivery | None:
    """What was asked for; None for the environment's own way."""
    from tidegate.domain.app import Delivery

    if getattr(arguments, "pull_request", False):
        return Delivery.PULL_REQUEST
    return Delivery.COMMIT if getattr(arguments, "direct", False) else None


def _batch(name: str | None) -> str | None:
    from tidegate.repository.layout import NAME, NAME_RULE

    if name is not None and not NAME.fullmatch(name):
        raise InputError(f"--batch {name!r} is no name", hint=NAME_RULE)
    return name


def add_request(parser: ArgumentParser) -> None:
    """Which apps, which version, and where to."""
    add_app(parser, nargs="*")
    add_environment(parser, "--to", required=True)
    version: _MutuallyExclusiveGroup = parser.add_mutually_exclusive_group()
    version.add_argument("--version", metavar="N", help="this version of the registered model")
    version.add_argument("--alias", metavar="NAME", help="the version that this alias names")
    many = parser.add_mutually_exclusive_group()
    many.add_argument(
        "--all", action="store_true", help="every app with an overlay in the environment"
    )
    many.add_argument("--selector", metavar="KEY=VALUE", help="the apps with this label")


def read_request(arguments: Namespace) -> Request:
    """The command line → Request. Raises InputError."""
    from tidegate.domain.promotion import Request

    chosen = bool(arguments.all or arguments.selector)
    if chosen and arguments.app:
        raise InputError("name apps, or choose them with --all or --selector, not both")
    if not chosen and not arguments.app:
        raise InputError("which app?", hint="name one or more, or use --all or --selector")
    if arguments.alias is not None and not arguments.alias.strip():
        # An empty variable of a script's must not promote what nobody asked for.
        raise InputError("--alias names nothing", hint="leave it out for the environment's own")
    return Request(
        target=arguments.to,
        apps=tuple(arguments.app),
        selector=_selector(arguments.selector),
        version=read_version("--version", arguments.version),
        alias=arguments.alias,
        keep_going=getattr(arguments, "keep_going", False),
        reason=as_text(getattr(arguments, "reason", None)),
        requested_by=as_text(getattr(arguments, "requested_by", None)),
        delivery=read_way(arguments),
        batch=_batch(getattr(arguments, "batch", None)),
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Promotes, and reports."""
    from tidegate.cli.wiring import Wiring, warm

    request = read_request(arguments)
    if arguments.wait and arguments.pull_request:
        raise InputError(
            "--wait follows a commit", hint="what a pull request brings is live after its merge"
        )
    if arguments.on_failure == "rollback" and not arguments.wait:
        raise InputError("--on-failure rollback needs --wait", hint="nobody would see it fail")
    warm(arguments)
    wiring = Wiring(arguments)
    if arguments.wait and not arguments.dry_run:
        return _deliver(request, arguments, wiring, terminal)
    report = _promote(request, wiring, terminal, dry_run=arguments.dry_run)
    return end(report, arguments.format, terminal)


def _promote(
    request: Request, wiring: Wiring, terminal: Terminal, *, dry_run: bool = False
) -> PromotionReport | ProposalReport:
    """Promotes, and tells pull requests what became of them."""
    from tidegate.domain.proposed import ProposalReport
    from tidegate.flows.progress_comment import tell_proposed
    from tidegate.flows.promote import promote
    from tidegate.report.pull_requests import body, progress

    report = promote(request, wiring, terminal.progress, body.write, dry_run=dry_run)
    if isinstance(report, ProposalReport):
        return tell_proposed(report, wiring, progress.write)
    return report


def _deliver(request: Request, arguments: Namespace, wiring: Wiring, terminal: Terminal) -> int:
    """Promotes, follows it into the cluster, and reports both."""
    from tidegate.cli.bars import Bars
    from tidegate.delivery.settling import Patience
    from tidegate.domain.proposed import ProposalReport
    from tidegate.flows.deliver import deliver, require_argocd

    require_argocd(request.target, wiring)
    promoted = _promote(request, wiring, terminal)
    if isinstance(promoted, ProposalReport):
        terminal.progress("not waiting: what a pull request brings is live after its merge")
        return end(promoted, arguments.format, terminal)
    with Bars(terminal) as bars:
        report = deliver(
            promoted,
            wiring,
            terminal.progress,
            bars,
            Patience(healthy=arguments.healthy_for),
            go_back=arguments.on_failure == "rollback",
        )
    show("delivery", report, arguments.format, terminal)
    error = promoted.error or report.error
    if error:
        terminal.complain(error.message, error.hint)
    return report.exit_code


def end(report: PromotionReport | ProposalReport, form: str, terminal: Terminal) -> int:
    """Shows the report, and the error that it ended with; its exit code."""
    from tidegate.domain.promotion import PromotionReport

    kind = "promotion" if isinstance(report, PromotionReport) else "proposal"
    show(kind, report, form, terminal, verbose=terminal.verbose)
    if report.error:
        terminal.complain(report.error.message, report.error.hint)
    return report.exit_code


def read_version(flag: str, text: str | None) -> str | None:
    """A model version's number, as the registry writes it. Raises InputError."""
    if text is None:
        return None
    number = text.removeprefix("v")
    if not _VERSION.fullmatch(number):
        raise InputError(f"{flag} {text!r} is no version", hint="such as 3")
    return number.lstrip("0")


Words = TypeVar("Words", str, str | None)


def as_text(text: Words) -> Words:
    """Text for the commit. In an old locale Python can't read what is beyond ASCII, and keeps its
    bytes."""
    return text and text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _selector(text: str | None) -> tuple[str, str] | None:
    if text is None:
        return None
    key, equals, value = text.partition("=")
    if not equals or not key or not value:
        raise InputError(f"--selector {text!r} is not key=value")
    return key, value
