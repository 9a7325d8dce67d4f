"""Holds and what lifts them, written again on the base."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.audit import Deed
from tidegate.domain.ending import Ending
from tidegate.domain.proposal import Proposal
from tidegate.domain.text import one_line
from tidegate.domain.verification import Objection, Proven
from tidegate.errors import TidegateError
from tidegate.flows.claim import claim_of_hold
from tidegate.flows.hold import trailer
from tidegate.flows.holding import hold_file, hold_place, release_place
from tidegate.flows.message import REASON
from tidegate.flows.target import require_app, require_environment
from tidegate.flows.verification.change import Claimed
from tidegate.flows.verification.promotions import Result, object_to
from tidegate.flows.verification.rollbacks import writers
from tidegate.flows.verification.writing import Remade
from tidegate.ports import Connections
from tidegate.repository.hold import read_hold

_LONGEST_REASON = 1000


def hold_again(
    claims: Sequence[Claimed], proposal: Proposal, connections: Connections
) -> Iterator[tuple[Claimed, Result]]:
    """Each hold, and each that is lifted, as its verb would write it, or why it wouldn't."""
    for claim in claims:
        file = hold_file(claim.environment, claim.app)
        try:
            require_environment(proposal.base, claim.environment)
            if claim.app is not None:
                require_app(proposal.base, claim.environment, claim.app)
            held = claim.deed is Deed.HELD
            yield claim, (_held if held else _lifted)(claim, proposal, connections)
        except TidegateError as error:
            yield claim, object_to(error, claim.environment, claim.app, file)


def _held(claim: Claimed, proposal: Proposal, connections: Connections) -> Result:
    environment, app, now = claim.environment, claim.app, connections.now()
    file = hold_file(environment, app)
    wanted, whole = read_hold(proposal.after, file, whole=app is None), proposal.whole
    if wanted is None:
        return [Objection("there is no hold", file, 1, environment, app)]
    place, edits = hold_place(proposal.base, environment, app, wanted, now)
    reasons = [one_line(reason, _LONGEST_REASON) for reason in whole.words(REASON)]
    found = []
    if wanted.by not in writers(proposal, whole):
        found.append(f"{one_line(wanted.by)} neither wrote nor asked for any of the commits")
    if wanted.reason not in reasons:
        found.append("no commit gives this reason")
    if not wanted.active(now):
        found.append("it is over already")
    if found:
        return [Objection(text, file, 1, environment, app) for text in found]
    proven = Proven(Deed.HELD, environment, app)
    return Remade("hold", edits, trailer(environment, place), proven)


def _lifted(claim: Claimed, proposal: Proposal, connections: Connections) -> Result:  # noqa: ARG001 as _held
    environment, app = claim.environment, claim.app
    said = claim_of_hold(proposal.whole, environment, app)
    version = said.versions[0] if said and said.versions else None
    place, edits = release_place(proposal.base, environment, app, version)
    if place.ending is Ending.ALREADY:
        text = "`release` writes nothing: it isn't held"
        return [Objection(text, claim.paths[0], 1, environment, app)]
    proven = Proven(Deed.LIFTED, environment, app)
    return Remade("release", edits, trailer(environment, place), proven)
