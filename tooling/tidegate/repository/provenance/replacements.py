"""Replacements: fields that take their values from other objects."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tidegate.domain.location import Location
from tidegate.repository.provenance.agreement import written
from tidegate.repository.provenance.nodes import Mapping, Node, items, mappings, text_of
from tidegate.repository.provenance.selector import Question, Selector, Target, read_selector
from tidegate.repository.provenance.setters import Claim, place
from tidegate.repository.provenance.steps import Step

# The parts of a field path: `[key=value]`, `[a.key]`, or anything up to a dot that isn't escaped.
_PART = re.compile(r"\[(?P<bracket>[^\]]*)\](?:\.|$)|(?P<plain>(?:[^.\\\[]|\\.|\[)+)(?:\.|$)", re.S)
_LONGEST = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class Replacement:
    """One field path of one target."""

    where: Location
    path: tuple[str, ...]
    selector: Selector
    rejects: tuple[Selector, ...]

    def selects(self, target: Target) -> bool:
        """What is selected and not rejected."""
        return self.selector.selects(target) and not any(
            rejected.selects(target) for rejected in self.rejects
        )

    def claim(self, question: Question) -> Claim | None:
        """The very field. Whatever was there before is gone, so nothing has to be compared."""
        steps = question.steps
        if len(self.path) != len(steps):
            return None
        if not all(_passes(part, step) for part, step in zip(self.path, steps, strict=True)):
            return None
        return Claim(self.where, len(steps), sure=True)


def replacements(file: str, entry: Mapping) -> Iterator[Replacement]:
    """Those of one entry, the last one first."""
    for target in reversed(list(mappings(entry.value("targets")))):
        selector = read_selector(target.value("select"))
        rejected = mappings(target.value("reject"))
        rejects = tuple(read_selector(node) for node in rejected if node.pairs)
        paths = target.value("fieldPaths")
        if paths is None:
            name = ("metadata", "name")
            yield Replacement(place(file, target), name, selector, rejects)
        for node in reversed(list(items(paths))):
            parts = split(node)
            if parts:
                yield Replacement(place(file, node), parts, selector, rejects)


def split(node: Node) -> tuple[str, ...]:
    """The parts of a field path: `a.[b=c].d\\.e`."""
    text = text_of(node)
    if text is None or len(text) > _LONGEST:
        return ()
    parts, position = [], 0
    while position < len(text):
        found = _PART.match(text, position)
        if found is None:
            return ()
        bracket = found["bracket"]
        if bracket is None:
            parts.append(re.sub(r"\\(.)", r"\1", found["plain"], flags=re.DOTALL))
        else:
            parts.append(f"[{bracket}]" if "=" in bracket else bracket)
        position = found.end()
    return tuple(parts)


def _passes(part: str, step: Step) -> bool:
    if part == "*":
        return True
    if isinstance(step, str):
        return part == step
    if part.isdecimal():
        return len(part) < 10 and int(part) == step.index
    if not part.startswith("[") or not isinstance(step.value, dict):
        return False
    key, _, value = part[1:-1].partition("=")
    return written(step.value.get(key)) == value
