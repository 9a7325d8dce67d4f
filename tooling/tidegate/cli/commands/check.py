"""`tidegate check`."""

from __future__ import annotations

import argparse
import contextlib
import re
from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from tidegate.cli.answer import show
from tidegate.cli.completion import add_environment
from tidegate.cli.parser import add_format
from tidegate.errors import InputError

if TYPE_CHECKING:
    from tidegate.cli.looking import Looking
    from tidegate.cli.terminal import Terminal
    from tidegate.domain.check import CheckReport
    from tidegate.flows.verdict_status import Speaker

_VERSION = re.compile(r"v?(1\.[0-9]{1,3})(?:\.[0-9]+)?")
_EXAMPLES = """\
examples:
  tidegate check                                  everything in this repository
  tidegate check --app recommender --env prod     one overlay
  tidegate check --changed-since origin/main      what a pull request changes
  tidegate check ~/manifests                      any folder with overlays or manifests

With --status and --comment a pull request is told what it came to: the settings at --changed-since
say where that is.
"""


def configure(parser: ArgumentParser) -> None:
    """What the verb takes."""
    parser.epilog = _EXAMPLES
    parser.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        help="folders or files to look at (the whole repository); they may belong to no Tidegate "
        "repository",
    )
    add_environment(parser, "--env")
    parser.add_argument("--app", metavar="APP", help="only this app's overlays")
    parser.add_argument(
        "--changed-since",
        metavar="REF",
        help="only what differs from this commit, branch or tag, and all that uses it",
    )
    add_format(parser, "sarif", "junit", "github", "markdown")
    parser.add_argument(
        "--kubernetes-version",
        metavar="1.N",
        type=_version,
        help="hold manifests against this version (the environment's, or the newest known)",
    )
    parser.add_argument(
        "--shard", metavar="I/N", type=_shard, help="only the I-th of N parts, from 1"
    )
    parser.add_argument(
        "--jobs", metavar="N", type=_count, help="how many processes at once (one a core)"
    )
    parser.add_argument("--no-cache", action="store_true", help="neither read nor write the cache")
    parser.add_argument(
        "--strict-kinds", action="store_true", help="a kind without a schema is an error"
    )
    parser.add_argument("--warnings-as-errors", action="store_true", help="warnings fail too")
    parser.add_argument(
        "--status",
        metavar="COMMIT",
        type=_commit,
        help="with --changed-since: say on this commit, as tidegate/check, what it came to",
    )
    parser.add_argument(
        "--comment",
        metavar="NUMBER",
        type=_number,
        help="with --changed-since: keep a comment below this pull request",
    )


def run(arguments: Namespace, terminal: Terminal) -> int:
    """Looks at the work tree, and reports."""
    from tidegate.cli.addresses import job_page
    from tidegate.cli.looking import Looking
    from tidegate.domain.check import CheckRequest
    from tidegate.flows.recheck import recheck

    if (arguments.status or arguments.comment) and not arguments.changed_since:
        raise InputError(
            "--status and --comment need --changed-since",
            hint="the settings of that commit say where pull requests are",
        )
    looking = Looking(arguments, arguments.paths)
    request = CheckRequest(
        paths=looking.paths,
        environment=arguments.env,
        app=arguments.app,
        changed_since=arguments.changed_since,
        kubernetes=arguments.kubernetes_version,
        shard=arguments.shard,
        strict_kinds=arguments.strict_kinds,
        warnings_as_errors=arguments.warnings_as_errors,
    )
    name = _name(arguments)
    speaker = _speaker(arguments, looking, terminal)
    with contextlib.ExitStack() as stack:
        if speaker and arguments.status:
            page = job_page(terminal.environ)
            stack.enter_context(speaker.pending(arguments.status, name, page))
        advance = stack.enter_context(terminal.bar("checking overlays"))
        report = recheck(request, looking, terminal.progress, advance)
    show("check", report, arguments.format, terminal, verbose=terminal.verbose)
    if speaker:
        _say(report, name, speaker, arguments, terminal)
    return 1 if report.failed else 0


def _name(arguments: Namespace) -> str:
    """The status's: of one part alone, where there are several."""
    index, total = arguments.shard or (1, 1)
    return "tidegate/check" if total == 1 else f"tidegate/check {index}/{total}"


def _speaker(arguments: Namespace, looking: Looking, terminal: Terminal) -> Speaker | None:
    """None where nothing is to be said, or nobody knows where."""
    if not (arguments.status or arguments.comment):
        return None
    from tidegate.cli.wiring import Wiring
    from tidegate.errors import TidegateError
    from tidegate.flows.verdict_status import Speaker

    try:
        base = looking.work_tree.at(arguments.changed_since)
        here = Namespace(**{**vars(arguments), "root": str(looking.root)})
        return Speaker(base, Wiring(here))
    except TidegateError as error:
        terminal.tell(f"what it comes to can't be said: {error.message}")
        return None


def _say(
    report: CheckReport, name: str, speaker: Speaker, arguments: Namespace, terminal: Terminal
) -> None:
    """On the commit, and below the pull request."""
    from tidegate.cli.addresses import job_page
    from tidegate.domain.pull_request import Status, StatusState
    from tidegate.report.check import markdown, words

    if arguments.status:
        state = StatusState.FAILURE if report.failed else StatusState.SUCCESS
        page = job_page(terminal.environ)
        speaker.set_status(Status(arguments.status, name, state, words.verdict(report), page))
    if arguments.comment:
        marker, text = f"<!-- {name.replace('/', ':', 1)} -->", markdown.check(report)
        speaker.comment(arguments.comment, marker, text, news=bool(report.findings))
    for note in speaker.notes:
        terminal.tell(note)


def _version(text: str) -> str:
    found = _VERSION.fullmatch(text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is no Kubernetes version such as 1.33")
    return found[1]


def _commit(text: str) -> str:
    if not re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is no commit's whole SHA")
    return text


def _shard(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{1,6})", text)
    index, total = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= index <= total:
        raise argparse.ArgumentTypeError(f"{text!r} is no part such as 1/4")
    return index, total


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no pull request such as 42")
    return int(text)


def _count(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,4}", text) or int(text) == 0:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of processes")
    return int(text)
