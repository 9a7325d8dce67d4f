"""`verify`: whether a proposed change came by Tidegate, told by doing the same again.

Proposal → what it says it is → the same deeds, done again on the base → VerifyReport
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain

from tidegate.domain.app import MergeMethod
from tidegate.domain.audit import Deed
from tidegate.domain.proposal import Proposal
from tidegate.domain.snapshot import Snapshot
from tidegate.domain.text import count
from tidegate.domain.verification import Objection, VerifyReport
from tidegate.flows.verification.change import Change, Claimed, read_change
from tidegate.flows.verification.holds import hold_again
from tidegate.flows.verification.messages import (
    compare_strays,
    compare_trailers,
    find_agreements,
    find_encodings,
    find_strays,
)
from tidegate.flows.verification.paths import odd_paths
from tidegate.flows.verification.promotions import Result, promote_again
from tidegate.flows.verification.renderings import compare_renderings
from tidegate.flows.verification.rollbacks import roll_back_again
from tidegate.flows.verification.writing import Remade, compare, first_difference, read
from tidegate.ports import Progress, Verifying
from tidegate.repository.configuration import load_configuration
from tidegate.repository.layout import ENVIRONMENTS
from tidegate.repository.ownership import owned_as

_ALONE = "propose it by itself, to be looked at by itself"


def verify(
    proposal: Proposal,
    connections: Verifying,
    progress: Progress,
    method: MergeMethod | None = None,
) -> VerifyReport:
    """Holds a proposal against what Tidegate would write on its base now. Settings, gates,
    waivers, holds and blocks are the base's. `method` is how it is about to be merged, None where
    only the environments' settings tell. Raises ConfigurationError where the base's own files
    make no sense, and OutsideError where history is missing."""
    odd = [*odd_paths(proposal), *_torn(proposal)]
    if odd:  # what isn't what it looks like is not read any further
        return _report(proposal, odd, others=proposal.changed)
    change = read_change(proposal, connections.repository)
    remade, objections = _do_again(change, proposal, connections, progress)
    objections += change.objections
    faulty = {f"{o.environment}/{o.app}" if o.app else str(o.environment) for o in objections}
    strays = find_strays(proposal, connections.repository)
    objections += compare_strays(strays, _rebased(proposal.base, method) if strays else ())
    objections += compare_trailers(proposal, remade, strays, faulty)
    if change.claimed or _is_of_an_app(proposal):
        objections += find_agreements(proposal, by_hand=not change.claimed)
        objections += find_encodings(proposal)
    if change.claimed:
        objections += _smuggled(change, proposal)
    elif not objections:
        progress("rendering what the change has a part in")
        objections += compare_renderings(proposal, connections)
    return _report(proposal, objections, remade, change.others)


def _do_again(
    change: Change, proposal: Proposal, connections: Verifying, progress: Progress
) -> tuple[list[Remade], list[Objection]]:
    """Every claimed deed, done again, and held against what is proposed."""
    if not change.claimed:
        return [], []
    load_configuration(proposal.base)  # a mistake there is nobody's but the base's
    progress(f"doing {count(len(change.claimed), 'deed')} again")
    by_deed: dict[Deed, list[Claimed]] = {}
    for claim in change.claimed:
        by_deed.setdefault(claim.deed, []).append(claim)
    promoted, rolled_back = by_deed.get(Deed.PROMOTED, []), by_deed.get(Deed.ROLLED_BACK, [])
    held = [*by_deed.get(Deed.HELD, []), *by_deed.get(Deed.LIFTED, [])]
    results: Iterator[tuple[Claimed, Result]] = chain(
        promote_again(promoted, proposal, connections, progress),
        roll_back_again(rolled_back, proposal, connections),
        hold_again(held, proposal, connections),
    )
    remade: list[Remade] = []
    objections: list[Objection] = []
    for claim, result in results:
        if isinstance(result, Remade):
            remade.append(result)
            objections += compare(result, claim.paths, proposal)
        else:
            objections += result
    return remade, objections


def _rebased(base: Snapshot, method: MergeMethod | None) -> list[str]:
    """The environments whose pull requests are merged by a rebase: all, where this one is."""
    environments = load_configuration(base).environments.items()
    rebase = MergeMethod.REBASE
    return [name for name, e in environments if rebase in (method, e.reviewing.auto_merge)]


def _torn(proposal: Proposal) -> Iterator[Objection]:
    """What both sides have changed, and only a merge of texts could bring together."""
    for path in proposal.torn:
        if path.partition("/")[0] == ENVIRONMENTS:
            text = "was changed on the base too, since the branch parted from it"
            yield Objection(text, path, hint="bring the branch up to date with its base")


def _is_of_an_app(proposal: Proposal) -> bool:
    """Whether it changes what is in an app's folder of an environment."""
    return any(p.startswith(f"{ENVIRONMENTS}/") and p.count("/") > 2 for p in proposal.changed)


def _smuggled(change: Change, proposal: Proposal) -> Iterator[Objection]:
    """What comes along with a deed, under the eyes of whoever only looks at that."""
    for path in change.others:
        line = first_difference(read(proposal.base, path), read(proposal.after, path))
        text = "is changed together with what Tidegate writes"
        yield Objection(text, path, line, hint=_ALONE)


def _report(
    proposal: Proposal,
    objections: list[Objection],
    remade: list[Remade] | None = None,
    others: tuple[str, ...] = (),
) -> VerifyReport:
    ordered = sorted(objections, key=lambda o: (o.file or "", o.line, o.message))
    faulty = {objection.file for objection in objections}
    sound = [item for item in remade or [] if faulty.isdisjoint(item.edits)]
    return VerifyReport(
        base=proposal.base.revision,
        head=proposal.head,
        commits=len(proposal.commits),
        proven=tuple(item.proven for item in sound),
        objections=tuple(ordered),
        others=others,
        owned={path: what for path in others if (what := _owned(path, proposal))},
        trailers=tuple(item.trailer for item in sound),
    )


def _owned(path: str, proposal: Proposal) -> str | None:
    if path.endswith("/release.yaml") and path not in proposal.after:
        return "that the app runs there, and what a newer version is compared with"
    return owned_as(path)
