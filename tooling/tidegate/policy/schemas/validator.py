"""A compiled schema, and what it says of an object in words of our own."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from tidegate.domain.manifest import FieldPath, reach
from tidegate.policy.schemas.custom_formats import CUSTOM_FORMATS
from tidegate.policy.schemas.explanation import explain
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.formats import FORMATS
from tidegate.policy.schemas.list_keys import KEYS, ListKeys

if TYPE_CHECKING:
    from jsonschema_rs import Validator as Compiled

_DEPTH_LIMIT = 200
_DIGITS = re.compile(r"\+?[0-9]{1,19}")


class Validator:
    """One kind's schema, compiled once."""

    def __init__(
        self,
        schema: dict[str, Any],
        prepare: Callable[[Mapping[str, Any]], Mapping[str, Any]] | None = None,
    ) -> None:
        """`prepare` makes of an object that breaks the schema as it is written what the API
        server would have validated in its place."""
        self._schema = schema
        self._prepare = prepare
        self._compiled = _compile(schema)

    def flaws(self, data: Mapping[str, Any]) -> Iterator[Flaw]:
        """Every way in which an object breaks the schema, each once."""
        try:
            # What is filled in may break what the object alone keeps.
            if self._compiled.is_valid(data) and self._prepare is None:
                return
        except ValueError:  # keys or values that JSON doesn't have
            data = _plain(data, _DEPTH_LIMIT)
        if self._prepare is not None:
            data = self._prepare(data)
        try:
            errors = self._compiled.iter_errors(data)
        except ValueError:  # the first look had ended at a mistake before it met them
            errors = self._compiled.iter_errors(_plain(data, _DEPTH_LIMIT))
        seen = set()
        for error in errors:
            for told in explain(error, self._schema):
                flaw = told._replace(path=_with_keys(data, told.path))
                if flaw.path not in seen:
                    seen.add(flaw.path)
                    yield flaw


def _with_keys(data: Mapping[str, Any], path: FieldPath) -> FieldPath:
    """The path with the keys that there are: the engine tells a position where a mapping has a key
    of digits."""
    found: list[str | int] = []
    for step in path:
        here = reach(data, tuple(found))
        if isinstance(step, int) and isinstance(here, Mapping):
            odd = (key for key in here if _DIGITS.fullmatch(key) and int(key) == step)
            found.append(str(step) if str(step) in here else next(odd, str(step)))
        else:
            found.append(step)
    return tuple(found)


def _compile(schema: dict[str, Any]) -> Compiled:
    import jsonschema_rs

    def compiled(wanted: dict[str, Any]) -> Compiled:
        return jsonschema_rs.Draft202012Validator(
            wanted,
            formats={**CUSTOM_FORMATS, **FORMATS},
            validate_formats=True,
            offline=True,
            # Its other engine tracks back, and a pattern could take for ever.
            pattern_options=jsonschema_rs.RegexOptions(),
            keywords={KEYS: ListKeys},
        )

    try:
        return compiled(schema)
    except ValueError:
        # What one engine can't read is no reason to hold nothing against the rest.
        return compiled(_without_odd_limits(schema, compiled))


def _without_odd_limits(schema: Any, compiled: Callable[[dict[str, Any]], Compiled]) -> Any:
    """The schema without the limits that can't be compiled each by itself."""
    if not isinstance(schema, dict):
        return schema
    result: dict[str, Any] = {}
    for key, item in schema.items():
        if key in ("properties", "$defs") and isinstance(item, dict):
            result[key] = {k: _without_odd_limits(own, compiled) for k, own in item.items()}
        elif key in ("allOf", "anyOf", "oneOf") and isinstance(item, list):
            result[key] = [_without_odd_limits(own, compiled) for own in item]
        elif key in ("items", "additionalProperties", "not", "if", "then"):
            result[key] = _without_odd_limits(item, compiled)
        elif key == "$ref" or _compiles({key: item}, compiled):
            result[key] = item
    return result


def _compiles(schema: dict[str, Any], compiled: Callable[[dict[str, Any]], Compiled]) -> bool:
    try:
        compiled(schema)
    except ValueError:
        return False
    return True


def _plain(value: Any, depth: int) -> Any:
    """A copy with nothing but what JSON has: keys are text, as they are for the API server."""
    if depth == 0:
        return None
    if isinstance(value, Mapping):
        return {
            key if isinstance(key, str) else _key(key): _plain(item, depth - 1)
            for key, item in value.items()
        }
    if isinstance(value, list | tuple):
        return [_plain(item, depth - 1) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _key(key: object) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)
