"""JSON6902 patches, operation by operation."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.location import Location
from tidegate.repository.provenance.agreement import agrees
from tidegate.repository.provenance.nodes import Mapping, Node, Sequence, text_of
from tidegate.repository.provenance.selector import Question, Selector, Target
from tidegate.repository.provenance.setters import Claim, place
from tidegate.repository.provenance.steps import Item, Step, follow

_SETTING = ("add", "replace", "copy", "move")


@dataclass(frozen=True, slots=True, eq=False)
class Operation:
    """One operation; `at` is its value's key, or the operation itself where it has none."""

    where: Location
    operation: str
    path: tuple[str, ...]
    value: Node | None
    selector: Selector
    file: str

    def selects(self, target: Target) -> bool:
        """As the patch's target says."""
        return self.selector.selects(target)

    def claim(self, question: Question) -> Claim | None:
        """What it did to the field, to something around it, or to something inside it."""
        steps, path = question.steps, self.path
        shared = min(len(steps), len(path))
        for number in range(shared):
            last = number == len(path) - 1
            if not self._passes(path[number], steps[number], question, number, last=last):
                return None
        if self.operation == "remove":
            return Claim(self.where, len(path), removed=True) if len(path) == shared else None
        if self.operation not in _SETTING:
            return None
        if len(path) > len(steps):
            return Claim(self.where, len(steps), inside=len(path) - len(steps)) if steps else None
        if self.value is None:  # a copy: what it copied isn't looked up
            return Claim(self.where, len(path), whole=len(path) == len(steps))
        reached = follow(self.value, steps[len(path) :])
        where = place(self.file, reached.at) if reached.depth else self.where
        return Claim(where, len(path) + reached.depth, reached.node, whole=True)

    def _passes(
        self, token: str, step: Step, question: Question, number: int, *, last: bool
    ) -> bool:
        """Whether one part of the pointer is one step. Positions count as they were when the
        patch was applied: between those of the document and those of the rendering."""
        if isinstance(step, str):
            return token == step
        if last and self.operation == "add":
            return self._is(step)
        if not token.isdecimal() or len(token) > 9:
            return False
        return int(token) in (step.index, question.positions.get(number, step.index))

    def _is(self, item: Item) -> bool:
        """Whether the value that is added is this very item."""
        if self.value is None:
            return False
        if not isinstance(self.value, Mapping) or not item.identities:
            return agrees(self.value, item.value)
        key, known = item.identities[0]
        return text_of(self.value.get(key)) == known


def operations(file: str, patch: Sequence, selector: Selector) -> Iterator[Operation]:
    """A patch's operations, the last one first."""
    for node in reversed(patch.items):
        if not isinstance(node, Mapping):
            continue
        path, value = text_of(node.get("path")), node.pair("value")
        operation = text_of(node.get("op"))
        if path is None or operation is None or not path.startswith("/"):
            continue
        parts = tuple(_unescaped(part) for part in path[1:].split("/"))
        where = place(file, value[0] if value else node)
        yield Operation(where, operation, parts, value[1] if value else None, selector, file)


def _unescaped(part: str) -> str:
    return part.replace("~1", "/").replace("~0", "~")
