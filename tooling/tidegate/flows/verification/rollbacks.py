"""Rollbacks, decided again from the base's history."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import product

from tidegate.domain.audit import Deed
from tidegate.domain.commit import Commit
from tidegate.domain.ending import Ending
from tidegate.domain.proposal import Proposal
from tidegate.domain.rollback import RollbackRequest
from tidegate.domain.text import one_line
from tidegate.domain.verification import Objection, Proven
from tidegate.errors import TidegateError
from tidegate.flows.going_back import Step, block_time, go_back
from tidegate.flows.message import REASON, REQUESTED_BY
from tidegate.flows.past import read_past
from tidegate.flows.present import Present, read_present
from tidegate.flows.target import require_app, require_environment
from tidegate.flows.verification.change import Claimed
from tidegate.flows.verification.promotions import Result, object_to
from tidegate.flows.verification.writing import Remade, compare
from tidegate.flows.way_back import trailer
from tidegate.ports import Connections
from tidegate.repository.layout import release_file
from tidegate.repository.release import read_release

_LONGEST_NAME = 200
_TRIES = 100


def roll_back_again(
    claims: Sequence[Claimed], proposal: Proposal, connections: Connections
) -> Iterator[tuple[Claimed, Result]]:
    """Each rollback as it would be written on the base, or why it wouldn't."""
    for claim in claims:
        try:
            yield claim, _again(claim, proposal, connections)
        except TidegateError as error:
            file = release_file(claim.environment, claim.app or "")
            yield claim, object_to(error, claim.environment, claim.app, file)


def writers(proposal: Proposal, whole: Commit) -> tuple[str, ...]:
    """Whoever may be named in what a verb writes: who asked for it, or who wrote the commit."""
    names = (*whole.words(REQUESTED_BY), *proposal.authors)
    return tuple(dict.fromkeys(one_line(name, _LONGEST_NAME) for name in names))


def _again(claim: Claimed, proposal: Proposal, connections: Connections) -> Result:
    environment, app, base = claim.environment, claim.app or "", proposal.base
    require_environment(base, environment)
    require_app(base, environment, app)
    present = read_present(base, environment, app)
    repository = connections.repository
    past = list(read_past(repository, base.revision, environment, {app: present.entry})[app])
    release = read_release(proposal.after, environment, app)
    version = release.version if release else None
    now = block_time(present, proposal.after, connections.now())
    whole = proposal.whole
    last: Result = [Objection("no commit says why", release_file(environment, app), 1, *_at(claim))]
    asked = product(whole.words(REASON), writers(proposal, whole), (None, version))
    for _, (reason, author, wanted) in zip(range(_TRIES), asked, strict=False):
        request = RollbackRequest(environment, (app,), reason, wanted, author)
        step = go_back(present, iter(past), request, author, now)
        last = _result(step, present, claim)
        if isinstance(last, Remade) and not any(compare(last, claim.paths, proposal)):
            break
    return last


def _result(step: Step, present: Present, claim: Claimed) -> Result:
    rollback, file = step.rollback, release_file(claim.environment, present.app)
    if rollback.error:
        return object_to(rollback.error, *_at(claim), file)
    if rollback.ending is not Ending.DONE:
        said = "; ".join(rollback.notes)
        why = "the version is blocked" if rollback.ending is Ending.BLOCKED else "it is there"
        text = f"`rollback` writes nothing: {why}" + (f" ({said})" if said else "")
        return [Objection(text, file, 1, *_at(claim))]
    before = present.overlay.version
    proven = Proven(Deed.ROLLED_BACK, *_at(claim), before, rollback.after)
    return Remade("rollback", step.edits, trailer(claim.environment, step), proven)


def _at(claim: Claimed) -> tuple[str, str | None]:
    return claim.environment, claim.app
