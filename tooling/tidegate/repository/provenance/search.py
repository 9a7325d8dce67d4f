"""The search for whoever set a field, through everything that an object went through."""

from __future__ import annotations

from collections.abc import Sequence

from tidegate.domain.location import Location
from tidegate.domain.manifest import FieldPath
from tidegate.repository.provenance import nodes
from tidegate.repository.provenance.agreement import STRUCTURE, agrees, same_scalar, touches
from tidegate.repository.provenance.names import earlier
from tidegate.repository.provenance.nodes import Scalar
from tidegate.repository.provenance.selector import Question, Target
from tidegate.repository.provenance.setters import Claim, Setter
from tidegate.repository.provenance.steps import Item, Steps, find, follow

_INSIDE = 2


def search(target: Target, setters: Sequence[Setter], field: FieldPath) -> Location | None:
    """The place that set the field, or where it is missing, the nearest thing around it. `setters`
    are outermost first, and the object's own document last."""
    steps, value = target.reading.steps(field)
    if len(steps) < len(field):
        removed = _removal(target, setters, field, len(steps))
        if removed:
            return removed
    if not steps:
        return None
    question = _question(target, steps, value)
    claims = [claim for setter in setters if (claim := setter.claim(question))]
    exact = [
        claim
        for claim in claims
        if claim.depth == len(steps) and (value is None or not claim.removed)
    ]
    if isinstance(value, dict | list):
        return _whole(exact, question) or _deepest(claims)
    return _scalar(exact, question) or _deepest(claims)


def _scalar(exact: Sequence[Claim], question: Question) -> Location | None:
    """Who said this value; or what became it when things were renamed."""
    value = question.value
    for claim in sorted(exact, key=lambda claim: claim.naming):
        if claim.sure or (isinstance(claim.node, Scalar) and same_scalar(claim.node, value)):
            return claim.where
    if isinstance(value, str):
        older = earlier(value, question.target.affixes)[1:]
        for claim in exact:
            if isinstance(claim.node, Scalar) and claim.node.text in older:
                return claim.where
    copied = (claim.where for claim in exact if claim.whole and claim.node is None)
    return next(copied, None)


def _whole(exact: Sequence[Claim], question: Question) -> Location | None:
    """Who said everything that is in a list or mapping, or a good part of it."""
    last, value = question.steps[-1], question.value
    for claim in exact:
        if claim.sure or agrees(claim.node, value):
            return claim.where
    if isinstance(last, Item):
        return next((claim.where for claim in exact if claim.whole), None)
    for claim in exact:
        inside = 0 < claim.inside <= _INSIDE and last not in STRUCTURE
        if claim.whole or inside or touches(claim.node, value, last):
            return claim.where
    return None


def _deepest(claims: Sequence[Claim]) -> Location | None:
    """Who came nearest, the innermost first: there it was written, elsewhere it is only named."""
    best: Claim | None = None
    for claim in reversed(claims):
        if claim.depth and not claim.removed and (best is None or claim.depth > best.depth):
            best = claim
    return best.where if best else None


def _removal(
    target: Target, setters: Sequence[Setter], field: FieldPath, known: int
) -> Location | None:
    """Who took away what is missing."""
    steps, _ = target.reading.steps(field[:known])
    rest = [part for part in field[known:] if isinstance(part, str)]
    if len(rest) != len(field) - known:
        return None
    question = _question(target, (*steps, *rest), None)
    for setter in setters:
        claim = setter.claim(question)
        if claim and claim.removed and claim.depth > known:
            return claim.where
    return None


def _question(target: Target, steps: Steps, value: object) -> Question:
    positions: dict[int, int] = {}
    if target.document is not None:
        for number, step in enumerate(steps):
            if isinstance(step, Item):
                reached = follow(target.document, steps[:number])
                if reached.depth < number or not isinstance(reached.node, nodes.Sequence):
                    break
                position = find(reached.node, step)
                if position is not None:
                    positions[number] = position
    return Question(target, steps, value, positions)
