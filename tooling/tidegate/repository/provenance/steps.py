"""The way to a field, in words that hold in every source: list items by what they are, since
their positions differ between a patch, its base and the rendering."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping as Data
from dataclasses import dataclass
from typing import Any, NamedTuple

from tidegate.domain.manifest import FieldPath
from tidegate.repository.provenance.agreement import same_scalar, written
from tidegate.repository.provenance.nodes import Mapping, Node, Scalar, Sequence

# What makes an item of these lists the same item; `name` is first everywhere else.
_MERGE_KEYS: Data[str, tuple[str, ...]] = {
    "ports": ("containerPort", "port", "name"),
    "volumeMounts": ("mountPath", "name"),
    "volumeDevices": ("devicePath", "name"),
    "hostAliases": ("ip",),
    "topologySpreadConstraints": ("topologyKey",),
}
_ANY_KEYS = (
    *("name", "key", "mountPath", "containerPort", "port", "devicePath", "ip", "topologyKey"),
    *("uid", "id", "type", "host", "path", "kind"),
)
_COMPARED = 200
_SELF = ""  # the key under which scalars are found


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One of `count` items of a rendered list: `identities` are keys with values that no other
    item has."""

    index: int
    count: int
    value: Any
    field: str
    identities: tuple[tuple[str, str], ...]


Step = str | Item
Steps = tuple[Step, ...]


class Reached(NamedTuple):
    """How far a walk came: the node that it found, and the one that shows where that stands."""

    depth: int
    at: Node
    node: Node


class Reading:
    """The way to any field of one rendered object."""

    def __init__(self, data: Data[str, Any]) -> None:
        self._data = data
        self._items: dict[FieldPath, Item] = {}
        self._counts: dict[tuple[FieldPath, str], Counter[str]] = {}

    def steps(self, field: FieldPath) -> tuple[Steps, Any]:
        """The steps to the field, or to the last thing on the way that exists, and its value."""
        steps: list[Step] = []
        value: Any = self._data
        for number, part in enumerate(field):
            if isinstance(value, Data):
                if part not in value:
                    break
                value = value[part]
                steps.append(str(part))
            elif isinstance(value, list | tuple) and isinstance(part, int):
                if not 0 <= part < len(value):
                    break
                steps.append(self._item(field[: number + 1], value))
                value = value[part]
            else:
                break
        return tuple(steps), value

    def _item(self, path: FieldPath, siblings: Any) -> Item:
        item = self._items.get(path)
        if item is None:
            *above, index = path
            field = next((part for part in reversed(above) if isinstance(part, str)), "")
            value = siblings[int(index)]
            found = []
            for key in (*_MERGE_KEYS.get(field, ()), *_ANY_KEYS):
                own = _identity(value, key)
                if own is not None and self._count(tuple(above), siblings, key)[own] == 1:
                    found.append((key, own))
            item = Item(int(index), len(siblings), value, field, tuple(dict.fromkeys(found)))
            self._items[path] = item
        return item

    def _count(self, path: FieldPath, siblings: Any, key: str) -> Counter[str]:
        if (path, key) not in self._counts:
            values = (_identity(sibling, key) for sibling in siblings)
            self._counts[path, key] = Counter(value for value in values if value is not None)
        return self._counts[path, key]


def follow(node: Node, steps: Steps) -> Reached:
    """Walks from a node along the steps, as far as they lead."""
    at = node
    for depth, step in enumerate(steps):
        if isinstance(node, Mapping) and isinstance(step, str):
            pair = node.pair(step)
            if pair is None:
                return Reached(depth, at, node)
            at, node = pair
        elif isinstance(node, Sequence) and isinstance(step, Item):
            position = find(node, step)
            if position is None:
                return Reached(depth, at, node)
            at = node = node.items[position]
        else:
            return Reached(depth, at, node)
    return Reached(len(steps), at, node)


def find(sequence: Sequence, item: Item) -> int | None:
    """The position in a source's list of what became the rendered item."""
    scalar = written(item.value)
    if scalar is not None:
        found = _nearest(_positions(sequence, _SELF).get(scalar, ()), item.index)
        return _renamed(sequence, item) if found is None else found
    if not isinstance(item.value, Data):
        return item.index if item.index < len(sequence.items) else None
    for key, value in item.identities:
        found = _nearest(_positions(sequence, key).get(value, ()), item.index)
        if found is not None:
            return found
    if item.identities:
        key, value = item.identities[0]
        known = _positions(sequence, key)
        if (
            known
        ):  # the source tells its items apart as we do: it has it under an older name, or not
            found = _older(known, value)
            return _renamed(sequence, item) if found is None else found
    return _most_alike(sequence, item)


def _renamed(sequence: Sequence, item: Item) -> int | None:
    """The item at the same position, where both lists have as many and it has the same keys."""
    if len(sequence.items) != item.count:
        return None
    node = sequence.items[item.index]
    if isinstance(node, Mapping) and isinstance(item.value, Data):
        return item.index if node.names() == set(map(str, item.value)) else None
    return item.index if isinstance(node, Scalar) and not isinstance(item.value, Data) else None


def _older(known: dict[str, list[int]], value: str) -> int | None:
    """The item whose name, with a prefix or a suffix, became this one."""
    parts = [name for name in known if name and f"-{name}-" in f"-{value}-"]
    return known[max(parts, key=len)][0] if parts and len(known) <= _COMPARED else None


def _identity(value: Any, key: str) -> str | None:
    return written(value.get(key)) if isinstance(value, Data) else None


def _positions(sequence: Sequence, key: str) -> dict[str, list[int]]:
    """Where items with each value of the key stand; looked up once for each list."""
    found = sequence.keyed.get(key)
    if found is None:
        found = sequence.keyed[key] = {}
        for position, node in enumerate(sequence.items):
            inner = node.get(key) if key != _SELF and isinstance(node, Mapping) else node
            if isinstance(inner, Scalar) and (key == _SELF or inner is not node):
                found.setdefault(inner.text, []).append(position)
    return found


def _nearest(positions: tuple[int, ...] | list[int], index: int) -> int | None:
    if len(positions) > _COMPARED:
        return positions[0]
    return index if index in positions else next(iter(positions), None)


def _most_alike(sequence: Sequence, item: Item) -> int | None:
    """The item that has most of what was rendered, or the one at the same position."""
    same = item.index if item.index < len(sequence.items) else None
    if len(sequence.items) > _COMPARED:
        return same
    scores = [_likeness(node, item.value) for node in sequence.items]
    best = max(scores, default=0)
    if best == 0:  # every value was changed, as in a list of references to what was renamed
        return _renamed(sequence, item)
    return same if same is not None and scores[same] == best else scores.index(best)


def _likeness(node: Node, value: Any, depth: int = 2) -> int:
    """How many scalars agree, three levels deep at most."""
    if isinstance(node, Scalar):
        return int(same_scalar(node, value))
    if depth < 0:
        return 0
    if isinstance(node, Sequence):
        pairs = zip(node.items[:_COMPARED], value, strict=False) if isinstance(value, list) else ()
        return sum(_likeness(inner, rendered, depth - 1) for inner, rendered in pairs)
    if not isinstance(value, Data):
        return 0
    return sum(
        _likeness(inner, value[name], depth - 1)
        for name, (_, inner) in node.own().items()
        if name in value
    )
