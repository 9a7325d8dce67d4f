"""Tells pull requests how they get on, in one comment each that is edited in place.

What can't be told is a note, and never an error: what counts is the deed. Only an opening or an
update is over when that is told, or refused: where nobody answers, the next run makes up for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace

from tidegate.domain.configuration import Settings
from tidegate.domain.ending import Written
from tidegate.domain.merging import MergeReport
from tidegate.domain.progress import MARKER, Course, Stage, Step
from tidegate.domain.proposed import Action, ProposalReport, Proposed
from tidegate.domain.pull_request import Comment, PullRequest, Status, StatusState
from tidegate.domain.text import one_line
from tidegate.errors import Forbidden, NotFound, Rejected, TidegateError
from tidegate.ports import Connections, PullRequests
from tidegate.repository.configuration import load_configuration

_RESERVE = 20.0  # seconds
_CONTEXT = "tidegate/"
_OBSTACLES = 10
_TOLD = (Action.OPENED, Action.UPDATED, Action.MARKED, Action.CLOSED)
_OPENING = (Action.OPENED, Action.UPDATED)  # a marked one may lack its reviewers
_REFUSALS = (Forbidden, NotFound, Rejected)
_STAGES = {StatusState.SUCCESS: Stage.PASSED, StatusState.PENDING: Stage.PENDING}

Write = Callable[[Course], str]
_Comments = Mapping[int, Sequence[Comment]]


def speaking(settings: Settings, connections: Connections) -> PullRequests:
    """Where pull requests are, with time for words that is left when the command's own is over."""
    return connections.pull_requests(settings, reserve=_RESERVE)


def tell_proposed(report: ProposalReport, connections: Connections, write: Write) -> ProposalReport:
    """The report, with notes (see `tell_each`)."""
    told = tell_each(report.proposals, report.promotion.base, connections, write)
    return replace(report, proposals=told)


def tell_each(
    proposals: Sequence[Proposed], base: str, connections: Connections, write: Write
) -> tuple[Proposed, ...]:
    """The same, each with a note where a pull request that was opened, updated, marked or closed
    could not be told so, and failed where its opening or update could not be ended. The settings
    are those of the commit `base`."""
    if not any(item.action in _TOLD for item in proposals):
        return tuple(proposals)
    try:
        snapshot = connections.repository.snapshot(base)
        provider = speaking(load_configuration(snapshot).settings, connections)
    except TidegateError as error:
        return tuple(_untold(item, error) for item in proposals)
    return tell_at(provider, proposals, write)


def tell_at(
    provider: PullRequests, proposals: Sequence[Proposed], write: Write
) -> tuple[Proposed, ...]:
    """The same, where the provider is known."""
    try:
        known = _below(proposals, provider)
    except TidegateError as error:
        return tuple(_untold(item, error) for item in proposals)
    return tuple(_tell_proposed(item, known, provider, write) for item in proposals)


def tell_written(written: Written, connections: Connections, write: Write) -> Written:
    """The same, with notes likewise."""
    told = tell_each(written.proposals, written.base, connections, write)
    failed = next((item.error for item in told if item.error), None)
    return replace(written, proposals=told, error=written.error or failed)


def tell_merge(report: MergeReport, connections: Connections, write: Write) -> MergeReport:
    """The report, with a note where the pull request could not be told. The comment of another
    account is left to it: whoever follows the merge tells what came of it."""
    if report.already:
        return report
    there = report.pull_request
    try:
        settings = load_configuration(connections.repository.fetch()).settings
        provider = speaking(settings, connections)
        if provider.account().key != there.author.key:
            return report
        course = Course((*beginning(there, provider), *_merging(report)))
        provider.keep_comment(there.number, MARKER, write(course))
    except TidegateError as error:
        return replace(report, notes=(*report.notes, note(error, there)))
    return report


def beginning(there: PullRequest, provider: PullRequests) -> tuple[Step, ...]:
    """What comes before the merge: the opening, and what is said of the head, where the token may
    see that."""
    try:
        said = provider.statuses(there.revision)
    except Forbidden:
        said = ()
    ours = {s.context: s for s in said if s.context.startswith(_CONTEXT)}
    return (opening(there), *(_check(status) for _, status in sorted(ours.items())))


def opening(there: PullRequest) -> Step:
    """Its first step."""
    return Step(Stage.OPENED, at=there.created)


def note(error: TidegateError, there: PullRequest | None = None) -> str:
    """One sentence about what could not be told."""
    name = f"pull request {there.number}" if there else "the pull request"
    return f"{name} could not be told: {one_line(error.message, 300)}"


def _below(proposals: Sequence[Proposed], provider: PullRequests) -> _Comments:
    """The comments below those that are to be told, so far as that is known at once; below a new
    one there are none."""
    told = [(item, item.pull_request) for item in proposals if item.action in _TOLD]
    older = [there.number for item, there in told if there and item.action is not Action.OPENED]
    new = {there.number: () for item, there in told if there and item.action is Action.OPENED}
    try:
        return {**provider.comments_of(older), **new} if older else new
    except _REFUSALS:  # each is told so by itself
        return new


def _tell_proposed(
    item: Proposed, known: _Comments, provider: PullRequests, write: Write
) -> Proposed:
    there = item.pull_request
    if item.action not in _TOLD or there is None:
        return item
    try:
        text = write(Course((opening(there), *_proposing(item))))
        provider.keep_comment(there.number, MARKER, text, known.get(there.number))
    except _REFUSALS as error:  # again it would say the same
        return _finished(_noted(item, note(error, there)), there, provider)
    except TidegateError as error:
        return _untold(item, error)
    ended = _finished(item, there, provider)
    return _alone(ended, text, provider) if _is_opening(item) else ended


def _finished(item: Proposed, there: PullRequest, provider: PullRequests) -> Proposed:
    """With what was left for the end."""
    try:
        if item.last is not None:
            return replace(item, pull_request=provider.update(there, item.last), last=None)
        if _is_opening(item):
            return replace(item, pull_request=provider.finish(there))
    except TidegateError as error:
        return replace(item, action=Action.FAILED, error=error)
    return item


def _alone(item: Proposed, text: str, provider: PullRequests) -> Proposed:
    """Two runners may have opened it together, each with a comment: whoever ended that later sees
    both."""
    there = item.pull_request
    if item.error or there is None or there.comments < 2:
        return item
    try:
        provider.keep_comment(there.number, MARKER, text)
    except TidegateError as error:
        return _noted(item, note(error, there))
    return item


def _untold(item: Proposed, error: TidegateError) -> Proposed:
    if item.action not in _TOLD:
        return item
    if item.last is not None or _is_opening(item):
        return replace(item, action=Action.FAILED, error=error)
    return _noted(item, note(error, item.pull_request))


def _is_opening(item: Proposed) -> bool:
    there = item.pull_request
    return item.action in _OPENING and there is not None and there.unfinished


def _noted(item: Proposed, text: str) -> Proposed:
    return replace(item, note="; ".join(part for part in (item.note, text) if part))


def _proposing(item: Proposed) -> Iterator[Step]:
    if item.action is Action.CLOSED:
        yield Step(Stage.CLOSED, item.note)
    elif item.action is Action.MARKED:
        yield Step(Stage.REFUSED, f"tidegate/gates: {item.note}")
    else:
        yield Step(Stage.PASSED, "tidegate/gates")


def _check(status: Status) -> Step:
    stage = _STAGES.get(status.state, Stage.REFUSED)
    words = status.context
    if stage is Stage.REFUSED and status.description:
        words = f"{status.context}: {status.description}"
    return Step(stage, words, url=status.url)


def _merging(report: MergeReport) -> Iterator[Step]:
    if report.merged:
        yield Step(Stage.MERGED, revision=report.merged)
    elif report.queued:
        yield Step(Stage.QUEUED, "until the provider's own rules are met")
    else:
        for text in tuple(_obstacles(report))[:_OBSTACLES]:
            yield Step(Stage.OBSTACLE, text)


def _obstacles(report: MergeReport) -> Sequence[str]:
    found = list(report.obstacles)
    if report.verification:
        found += [objection.message for objection in report.verification.objections]
    for item in report.approvals:
        if item.result.status.blocks:
            found.append(f"{item.app} in {item.environment}: {item.result.sentence}")
    return [*found, report.error.message] if report.error else found
