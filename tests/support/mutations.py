"""Objects with one thing changed, by a seed: what people mistype, forget and mix up."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from random import Random
from typing import Any

Path = tuple[Any, ...]

_TEXTS = (
    *("", "x", "A", "a_b", "-a", "a.b", "a b", "1", "0", "-1", "true", "a" * 64, "é", "a\nb"),
    *("${NAME}", "100ms", "1Gi", "50%", "150%", "0%", "Always", "None", "TCP", "/a", "../a"),
    *("10.0.0.1", "10.0.0.0/8", "a/b", "a.b/c", "*.a.b", "x" * 260, "YQ==", "1.5", "http"),
)
_NUMBERS = (0, 1, -1, 2, 100, 65535, 65536, 70000, 2**31, 2**63, 1.5, 10**6)
_OTHERS: tuple[Any, ...] = (None, True, False, [], {}, [None], ["x"], {"x": "y"}, [{}], [1])


def mutate(item: Any, random: Random) -> tuple[Any, str]:
    """A copy with one place changed, and in words what was changed."""
    changed = copy.deepcopy(item)
    path = random.choice([path for path in _paths(changed) if path and path[0] not in _FIXED])
    around, last = _at(changed, path[:-1]), path[-1]
    old = around[last]
    operation = random.choice(_OPERATIONS)
    if operation == "drop":
        del around[last]
        return changed, f"{path} dropped"
    if operation == "rename" and isinstance(last, str):
        new = _misspelt(last, random)
        around[new] = around.pop(last)
        return changed, f"{path} renamed to {new!r}"
    if operation == "repeat" and isinstance(old, list) and old:
        old.append(copy.deepcopy(random.choice(old)))
        return changed, f"{path} has an item twice"
    if operation == "add" and isinstance(old, dict):
        old["extra"] = random.choice(("x", 1, None, {}))
        return changed, f"{path} has the key 'extra', {old['extra']!r}"
    new = _value(old, random)
    around[last] = new
    return changed, f"{path}: {old!r:.40} → {new!r:.60}"


_FIXED = ("apiVersion", "kind")
_OPERATIONS = ("value", "value", "value", "value", "drop", "rename", "repeat", "add")


def _value(old: Any, random: Random) -> Any:
    """Mostly of the same type: that is where rules are, not types."""
    if random.random() < 0.2:
        return random.choice((*_OTHERS, random.choice(_TEXTS), random.choice(_NUMBERS)))
    if isinstance(old, str):
        return random.choice(_TEXTS)
    if isinstance(old, int | float) and not isinstance(old, bool):
        return random.choice(_NUMBERS)
    return random.choice(_OTHERS)


def _misspelt(name: str, random: Random) -> str:
    position = random.randrange(len(name))
    return random.choice(
        (name[:position] + name[position + 1 :], name + "s", name.lower(), name.upper(), "x")
    )


def _paths(value: Any, path: Path = ()) -> Iterator[Path]:
    yield path
    steps = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value if type(value) is list else ())
    )
    for step, inner in steps:
        yield from _paths(inner, (*path, step))


def _at(value: Any, path: Path) -> Any:
    for step in path:
        value = value[step]
    return value
