"""A way back → its pull request, which takes the place of the promotions that it undoes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from tidegate.domain.draft import Draft
from tidegate.domain.ending import Ending
from tidegate.domain.promised import Kind, read_promise
from tidegate.domain.proposed import Action, Proposed
from tidegate.domain.pull_request import PullRequest
from tidegate.domain.story import BackStory
from tidegate.domain.text import one_line
from tidegate.errors import ConflictError, TidegateError
from tidegate.flows.chapters import look_at
from tidegate.flows.plan import diff
from tidegate.flows.pull_requests.names import back_branch, is_of
from tidegate.flows.pull_requests.proposer import Offer, Proposer, with_way_out
from tidegate.flows.way_back import Decision, WayBack
from tidegate.ports import Connections, Progress

Write = Callable[[BackStory], str]

_UNASKED = "going back asks no gate"


def propose_back(
    way: WayBack,
    decision: Decision,
    connections: Connections,
    progress: Progress,
    write: Write,
    *,
    dry_run: bool,
) -> list[Proposed]:
    """The pull request for the decision's draft, and those that it supersedes. Where all is as it
    was asked for, one that is open is closed. Never raises."""
    branch = back_branch(way.request.environment, way.apps)
    try:
        route = decision.route
        proposer = Proposer(route.settings, route.reviewing, connections, progress)
        if decision.draft is None:
            return list(_settle(way, decision, branch, proposer, dry_run=dry_run))
        older = _find_older(way, branch, proposer)
        offer = _offer(way, decision, decision.draft, branch, connections, write)
        made = _noted(proposer.propose(offer, dry_run=dry_run), proposer)
    except TidegateError as error:
        made, older = Proposed(way.apps, branch, Action.FAILED, error=error), []
    if made.error:
        return [replace(made, error=with_way_out(made.error))]
    return [made, *_supersede(way, made, older, proposer, dry_run=dry_run)]


def _settle(
    way: WayBack, decision: Decision, branch: str, proposer: Proposer, *, dry_run: bool
) -> Iterator[Proposed]:
    done = all(step.rollback.ending is Ending.ALREADY for step in decision.steps)
    if not done or dry_run:
        return
    there = proposer.open.get(branch)
    if there and read_promise(there.body).kind is Kind.ROLLBACK:
        words = f"{way.request.environment} runs already what this goes back to."
        yield proposer.close(way.apps, there, words)


def _find_older(way: WayBack, branch: str, proposer: Proposer) -> list[PullRequest]:
    """Other open pull requests about these apps. Raises ConflictError where one of them takes an
    app back too: nobody could tell which of the two counts."""
    found = []
    for name, there in proposer.open.items():
        if name == branch or not is_of(name, way.request.environment):
            continue
        promise = read_promise(there.body)
        twice = sorted(promise.apps & set(way.apps))
        if not twice:
            continue
        if promise.kind is Kind.ROLLBACK:
            raise ConflictError(
                f"pull request {there.number} takes {twice[0]} back already",
                hint=f"merge or close that one first: {there.url}",
            )
        found.append(there)
    return found


def _offer(
    way: WayBack,
    decision: Decision,
    draft: Draft,
    branch: str,
    connections: Connections,
    write: Write,
) -> Offer:
    request = way.request
    done = [s.rollback for s in decision.steps if s.rollback.ending is Ending.DONE]
    ready = sorted(done, key=lambda item: item.app)  # whatever order they were named in
    edits = {path: data for path, data in draft.edits.items() if data is not None}
    apps = tuple(item.app for item in ready)
    story = BackStory(
        environment=request.environment,
        rollbacks=tuple(ready),
        clusters=look_at(decision.snapshot, edits, request.environment, apps, connections),
        by=way.author,
        reason=request.reason,
    )
    return Offer(
        apps=apps,
        branch=branch,
        draft=draft,
        diff=diff(decision.snapshot, draft.edits),
        status=_UNASKED,
        write=lambda revision: write(replace(story, revision=revision)),
        urgent=True,
    )


def _noted(made: Proposed, proposer: Proposer) -> Proposed:
    """With what its branch was for until now, where that was a promotion."""
    there = proposer.open.get(made.branch)
    if made.error or there is None or read_promise(there.body).kind is not Kind.PROMOTION:
        return made
    instead = f"in the place of: {one_line(there.title, 200)}"
    return replace(made, note=f"{instead}; {made.note}" if made.note else instead)


def _supersede(
    way: WayBack,
    made: Proposed,
    older: Sequence[PullRequest],
    proposer: Proposer,
    *,
    dry_run: bool,
) -> Iterator[Proposed]:
    """Promotions of nothing else are closed; others can't be merged any more as they are."""
    if dry_run or made.pull_request is None:
        return
    where = f"pull request {made.pull_request.number}"
    for there in older:
        apps = read_promise(there.body).apps
        if apps <= set(made.apps):
            yield proposer.close(sorted(apps), there, f"Superseded by a rollback, {where}.")
        else:
            back = ", ".join(sorted(apps & set(way.apps)))
            words = f"{where} takes {back} back: propose the others without"
            yield proposer.mark(sorted(apps), there, words, ())
