"""Fields of well-known custom resources that are mistyped, where no definition of them is kept.

Told is a name that the kind doesn't have, with the one that was likely meant; of older versions,
whose names aren't all known, only what is a slip of one; and a value of a type that its
definition refuses.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath, Manifest
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.known_fields import known_fields, knows_all
from tidegate.policy.schemas.rules import CUSTOM_FIELD
from tidegate.policy.schemas.words import choice, in_quotes, nearest, shown

# An Application's `operation` is what was last asked of it; SOPS' block is told elsewhere.
_TOP = ("apiVersion", "kind", "metadata", "spec", "status", "operation", "sops")
_SIMILAR, _NEAR = 0.85, 0.7
_LONGEST = 60
_SHORTEST = 4
_SPAN = re.compile(r"[-+]?(?:0|(?:[0-9]{0,18}\.?[0-9]{1,18}(?:ns|us|µs|μs|ms|s|m|h)){1,9})")


def judge_custom_fields(manifest: Manifest) -> Iterator[Flaw]:
    """What is surely mistyped in an object of a well-known custom kind."""
    known = knows_all(manifest.id.api_version)
    places = known_fields(manifest.id.group, manifest.id.kind)
    if places and known:
        yield from judge_names(manifest.data, _TOP, ())
        yield from _judge_strangers(manifest.data, _TOP, ())
    for place, fields in places.items():
        for data, path in _places(manifest.data, place.split("."), ()):
            yield from judge_names(data, fields, path)
            if known:
                yield from _judge_strangers(data, fields, path)
            for name, type_ in fields.items():
                yield from _judge_type(data.get(name), type_, (*path, name))


def judge_names(data: Mapping[str, Any], known: Iterable[str], path: FieldPath) -> Iterator[Flaw]:
    """Each key that isn't known, and is a slip of a known one that isn't there."""
    free = [name for name in known if name not in data]
    for key in data:
        meant = slip_of(key, free) if key not in known else None
        if meant is not None:
            message = f"is not a known field; did you mean '{meant}'?"
            yield Flaw((*path, key), message, None, CUSTOM_FIELD, severity_of(key, meant))


def _judge_strangers(
    data: Mapping[str, Any], known: Collection[str], path: FieldPath
) -> Iterator[Flaw]:
    """Each key that isn't known, and is no slip of a known one; a newer version may know it."""
    free = [name for name in known if name not in data]
    for key in data:
        if key not in known and slip_of(key, free) is None:
            near = nearest(str(key), free, similar=_NEAR)
            meant = f"; did you mean '{near}'?" if near else ""
            message = f"is not a known field{meant}"
            yield Flaw((*path, key), message, None, CUSTOM_FIELD, Severity.WARN)


def slip_of(word: str, names: Iterable[str]) -> str | None:
    """The name of which a word is surely a slip: other only in case, or in a letter or two."""
    if not isinstance(word, str) or not _SHORTEST <= len(word) <= _LONGEST:
        return None
    return nearest(word, names, similar=_SIMILAR)


def severity_of(word: str, meant: str) -> Severity:
    """An error where case alone differs; else a newer version may know the word."""
    return Severity.DENY if word.lower() == meant.lower() else Severity.WARN


def _places(
    data: Any, steps: list[str], path: FieldPath
) -> Iterator[tuple[dict[str, Any], FieldPath]]:
    """Each mapping at a place, with its path."""
    if not steps:
        if isinstance(data, dict):
            yield data, path
        return
    step, listed = steps[0].removesuffix("[]"), steps[0].endswith("[]")
    value = data.get(step) if isinstance(data, Mapping) else None
    if not listed:
        yield from _places(value, steps[1:], (*path, step))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, steps[1:], (*path, step, index))


def _judge_type(value: Any, type_: str, path: FieldPath) -> Iterator[Flaw]:
    if "|" in type_:
        yield from _judge_choice(value, type_.split("|"), path)
        return
    if type_ == "texts" and isinstance(value, dict):
        for key, item in value.items():
            yield from _judge_type(item, "text", (*path, key))
        return
    fits, expected = _TYPES[type_]
    # A substitution that comes later, as Flux has it, may be of any type.
    later = isinstance(value, str) and ("$" in value or "{{" in value)
    if value is None or later or fits(value):
        return
    fix = in_quotes(value) if expected == "text" and not isinstance(value, dict | list) else None
    yield Flaw(path, f"is {shown(value)}; expected {expected}", fix, CUSTOM_FIELD)


def _judge_choice(value: Any, options: list[str], path: FieldPath) -> Iterator[Flaw]:
    later = isinstance(value, str) and ("$" in value or "{{" in value)
    # To most an empty text is as good as none.
    if value is None or value == "" or later or value in options:
        return
    near = nearest(value, options, similar=_SIMILAR) if isinstance(value, str) else None
    hint = f"; did you mean '{near}'?" if near else ""
    message = f"is {shown(value)}; expected {choice(options)}{hint}"
    yield Flaw(path, message, None, CUSTOM_FIELD)


def _is_whole(value: Any) -> bool:
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return whole and not isinstance(value, bool)


def _is_span(value: Any) -> bool:
    return isinstance(value, str) and (not value or _SPAN.fullmatch(value) is not None)


_TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "text": (lambda value: isinstance(value, str), "text"),
    "int": (_is_whole, "a whole number"),
    "bool": (lambda value: isinstance(value, bool), "true or false"),
    "list": (lambda value: isinstance(value, list), "a list"),
    "map": (lambda value: isinstance(value, dict), "a mapping"),
    "texts": (lambda value: isinstance(value, dict), "a mapping of texts"),
    "free": (lambda _: True, "anything"),
    "any": (lambda value: isinstance(value, int | float | str), "a number or text"),
    "span": (_is_span, "a duration such as 90s, 10m or 1h30m"),
}
