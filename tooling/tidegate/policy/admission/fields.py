"""Which fields of an object a violation is about."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.policy.admission.lexer import chain, names, words

_STEP = re.compile(
    r"""\.?(?: (?P<name>[^.\[\]]+)
          | \[(?P<index>\d{1,9})\]
          | \[(?:'(?P<single>[^']*)'|"(?P<double>[^"]*)")\]
          | \[(?P<key>[^=\[\]]+)=(?P<value>[^\[\]]*)\]
          | \[(?P<bare>[^=\[\]]+)\])""",
    re.VERBOSE,
)


def resolve(path: str, data: Any) -> FieldPath:
    """A path such as `spec.containers[name=server].resources` in an object. Fields that aren't
    there keep their names; an item that isn't there leaves its list."""
    steps: list[str | int] = []
    position, here = 0, data
    text = path.strip().removeprefix("object.").removeprefix(".")
    while position < len(text):
        match = _STEP.match(text, position)
        if match is None:
            break
        position = match.end()
        step = _step(match, here)
        if step is None:
            break
        steps.append(step)
        here = _inside(here, step)
    return tuple(steps)


def named_fields(expressions: Iterable[str]) -> FieldPath:
    """The longest path of the object that the first of the expressions names which names any."""
    for expression in expressions:
        longest = max(_paths(expression), key=len, default=())
        if longest:
            return longest
    return ()


def _paths(expression: str) -> Iterator[FieldPath]:
    found = list(words(expression))
    for index in names(found):
        if found[index].text == "object":
            yield tuple(field.text for field in chain(found, index))


def _step(match: re.Match[str], here: Any) -> str | int | None:
    if match["index"] is not None:
        return int(match["index"])
    if match["key"] is None:
        names = (match["name"], match["single"], match["double"], match["bare"])
        return next((name for name in names if name is not None), None)
    items = here if isinstance(here, list | tuple) else ()
    key, value = match["key"].strip(), match["value"].strip().strip("'\"")
    for index, item in enumerate(items):
        if isinstance(item, Mapping) and str(item.get(key)) == value:
            return index
    return None


def _inside(here: Any, step: str | int) -> Any:
    if isinstance(here, Mapping):
        return here.get(step)
    if isinstance(here, list | tuple) and isinstance(step, int) and step < len(here):
        return here[step]
    return None
