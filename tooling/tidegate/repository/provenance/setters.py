"""What a kustomization can do to a field, each with the place where it says so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from tidegate.domain.location import Location
from tidegate.repository.provenance.nodes import Mapping, Node, Scalar, text_of
from tidegate.repository.provenance.selector import Question, Selector, Target
from tidegate.repository.provenance.steps import Item, Steps, follow

_NAMES = (("apiVersion",), ("kind",), ("metadata", "name"))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a source says of the first `depth` steps of a question.

    `node` is what it sets there, where that can be compared; `sure` says that it certainly set
    this value, `whole` that it replaced everything there, `removed` that it took it away. A source
    that sets something deeper inside says by how many steps in `inside`; one that only repeats a
    name, to say what it is about, is `naming`.
    """

    where: Location
    depth: int
    node: Node | None = None
    sure: bool = False
    whole: bool = False
    removed: bool = False
    inside: int = 0
    naming: bool = False


class Setter(Protocol):
    """Something that sets fields."""

    def selects(self, target: Target) -> bool:
        """Whether it is meant for the object at all."""

    def claim(self, question: Question) -> Claim | None:
        """What it says of the field; None where it has nothing to do with it."""


@dataclass(frozen=True, slots=True, eq=False)
class Written:
    """A document: the object itself, or a strategic merge patch."""

    file: str
    root: Mapping
    selector: Selector
    patch: bool = True

    def selects(self, target: Target) -> bool:
        """As the patch's target says, or its own name and kind."""
        return self.selector.selects(target)

    def claim(self, question: Question) -> Claim | None:
        """How far the document leads."""
        reached = follow(self.root, question.steps)
        if not reached.depth:
            return None
        node = reached.node
        removed = isinstance(node, Scalar) and node.null
        if isinstance(node, Mapping) and (directive := node.get("$patch")):
            removed = text_of(directive) == "delete"
        naming = self.patch and _names(question.steps)
        where = place(self.file, reached.at)
        return Claim(where, reached.depth, node, removed=removed, naming=naming)


def _names(steps: Steps) -> bool:
    """Whether a patch that says this must say it, to be understood."""
    if steps in _NAMES:
        return True
    item = steps[-2] if len(steps) > 1 else None
    return isinstance(item, Item) and any(key == steps[-1] for key, _ in item.identities[:1])


def place(file: str, node: Node) -> Location:
    """Where a node stands."""
    return Location(file, node.line, node.column)
