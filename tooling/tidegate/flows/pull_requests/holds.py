"""Holds, and what lifts them → their pull request: one for the same places and verb."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from tidegate.domain.draft import Draft
from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.route import Route
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.story import HoldStory
from tidegate.errors import TidegateError
from tidegate.flows.plan import diff
from tidegate.flows.pull_requests.names import hold_branch
from tidegate.flows.pull_requests.proposer import Offer, Proposer, with_way_out
from tidegate.ports import Connections, Progress

Write = Callable[[HoldStory], str]

_OTHER = {"hold": "release", "release": "hold"}
_SO_ALREADY = {"hold": "It is held so already.", "release": "It isn't held."}


@dataclass(frozen=True, slots=True)
class Wish:
    """What one command wants to be so in its places. The story has them; `draft` is None where
    nothing is to be done, or something stands in the way, which `stopped` says."""

    story: HoldStory
    apps: tuple[str, ...]
    snapshot: Snapshot
    route: Route
    draft: Draft | None
    stopped: bool


def propose_hold(
    wish: Wish, connections: Connections, progress: Progress, write: Write, *, dry_run: bool
) -> list[Proposed]:
    """The pull request for the draft; one that wants the opposite is closed, for the last word
    counts. Where all is so already, both are. Never raises."""
    story, route = wish.story, wish.route
    branch = hold_branch(story.verb, story.environment, wish.apps)
    try:
        proposer = Proposer(route.settings, route.reviewing, connections, progress)
        if wish.draft is None:
            return list(_settle(wish, branch, proposer, dry_run=dry_run))
        made = proposer.propose(_offer(wish, wish.draft, branch, write), dry_run=dry_run)
    except TidegateError as error:
        made = Proposed(wish.apps, branch, Action.FAILED, error=error)
    if made.error:
        free = story.verb == "hold" or route.reviewing.direct
        return [replace(made, error=with_way_out(made.error) if free else made.error)]
    return [made, *_overrule(wish, proposer, dry_run=dry_run)]


def _offer(wish: Wish, draft: Draft, branch: str, write: Write) -> Offer:
    return Offer(
        apps=wish.apps,
        branch=branch,
        draft=draft,
        diff=diff(wish.snapshot, draft.edits),
        status=f"{wish.story.verb} asks no gate",
        write=lambda revision: write(replace(wish.story, revision=revision)),
        urgent=wish.story.verb == "hold",
    )


def _settle(wish: Wish, branch: str, proposer: Proposer, *, dry_run: bool) -> Iterator[Proposed]:
    if wish.stopped or dry_run:
        return
    there = proposer.open.get(branch)
    if there:
        yield proposer.close(wish.apps, there, _SO_ALREADY[wish.story.verb])
    yield from _overrule(wish, proposer, dry_run=dry_run)


def _overrule(wish: Wish, proposer: Proposer, *, dry_run: bool) -> Iterator[Proposed]:
    verb = wish.story.verb
    there = proposer.open.get(hold_branch(_OTHER[verb], wish.story.environment, wish.apps))
    if there and not dry_run:
        yield proposer.close(wish.apps, there, f"`tidegate {verb}` was asked for meanwhile.")
