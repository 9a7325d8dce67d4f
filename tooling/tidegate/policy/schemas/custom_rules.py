"""Rules that a definition holds its objects to (`x-kubernetes-validations`), as the API server runs
them where an object is created."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Set
from functools import cached_property
from typing import Any

from tidegate.domain.manifest import FieldPath
from tidegate.domain.text import one_line
from tidegate.policy.schemas.custom_values import escaped, is_typed, seen_by_rules
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.rules import CUSTOM_RULE
from tidegate.policy.schemas.structural import settle

RULES = "x-kubernetes-validations"
_STEP = re.compile(r"\.([A-Za-z_][A-Za-z0-9_]*)|\['([^']+)'\]")
_LONGEST = 500
# Errors that the server has too: others may come from what the CEL library does in its own way.
_SURE = ("no such key", "index out of bounds", "division by zero", "modulus by zero")


class CustomRules:
    """All rules of one version of a custom kind."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._root = _node(schema)

    def flaws(self, data: Mapping[str, Any]) -> Iterator[Flaw]:
        """What the rules refuse in an object whose fields are all as the schema has them."""
        if self._root:
            seen = seen_by_rules(settle(data, self._schema), self._schema)
            yield from self._root.flaws(seen, ())


class _Node:
    """A place in a schema with rules of its own, or above such a place."""

    def __init__(self, rules: tuple[_Rule, ...], fields: Mapping[str, _Node]) -> None:
        self._rules = rules
        self._fields = fields

    def flaws(self, value: Any, path: FieldPath) -> Iterator[Flaw]:
        if value is None:
            return
        for rule in self._rules:
            message = rule.broken(value)
            if message is not None:
                told = f"is refused by a rule of its definition: {message}"
                yield Flaw((*path, *rule.field), told, rule=CUSTOM_RULE)
        for name, node in self._fields.items():
            for key, inner in _inner(name, value):
                yield from node.flaws(inner, (*path, key))


def _inner(name: str, value: Any) -> Iterator[tuple[str | int, Any]]:
    """What lies at a field; at `*` each value of a map, at `[]` each item of a list."""
    if name == "[]":
        yield from enumerate(value if isinstance(value, list) else ())
    elif isinstance(value, dict):
        if name == "*":
            yield from value.items()
        elif escaped(name) in value:
            yield name, value[escaped(name)]


class _Rule:
    """One rule, compiled when it is first asked."""

    def __init__(self, data: Mapping[str, Any], typed: Set[str]) -> None:
        self._data = data
        self._typed = typed
        found = _STEP.findall(str(data.get("fieldPath") or ""))
        self.field: FieldPath = tuple(plain or quoted for plain, quoted in found)

    def broken(self, value: Any) -> str | None:
        """What the server says of a value that breaks it; None of one that doesn't, or where it
        isn't known."""
        result = _run(self._program, value)
        if result is True or (isinstance(result, _Failed) and not result.startswith(_SURE)):
            return None
        if isinstance(result, _Failed):
            return one_line(f"{result}, in {self._text('rule')}", _LONGEST)
        made = _run(self._message, value)
        words = made.strip() if type(made) is str and "\n" not in made.strip() else ""
        words = words or self._text("message") or f"failed rule: {self._text('rule')}"
        return one_line(words, _LONGEST)

    def _text(self, key: str) -> str:
        return str(self._data.get(key) or "").strip()

    @cached_property
    def _program(self) -> Any:
        return self._compiled("rule")

    @cached_property
    def _message(self) -> Any:
        return self._compiled("messageExpression") if self._text("messageExpression") else None

    def _compiled(self, key: str) -> Any:
        return _compiled(self._text(key), self._data.get("optionalOldSelf") is True, self._typed)


class _Failed(str):
    """What went wrong in an expression."""

    __slots__ = ()


def _run(program: Any, value: Any) -> Any:
    """An expression's result; True for one that can't be judged offline."""
    from tidegate.policy.admission.environment import running
    from tidegate.policy.admission.faults import fault

    if program is None:
        return True
    try:
        result = program.eval(running().Activation({"self": value}))
        kind = result.type().name()
        # The library takes away a reference to None for each None that it hands out.
        found = None if kind == "NULL" else result.value()
        return _Failed(fault(str(found))) if kind == "ERROR" else found
    except (RuntimeError, TypeError) as error:
        return _Failed(fault(str(error)))


def _compiled(text: str, optional: bool, typed: Set[str] = frozenset()) -> Any:
    """The program; None where it compares with what was before, for nothing was, or where the CEL
    library can't be asked, as of fields that are `typed`."""
    from tidegate.policy.admission.environment import checking_rules, running
    from tidegate.policy.admission.lexer import names, words
    from tidegate.policy.admission.source import prepare

    found = list(words(text))
    transition = any(found[index].text == "oldSelf" for index in names(found))
    prepared = prepare(text, ())
    unknown = "" in typed or any(word.kind == "name" and word.text in typed for word in found)
    if unknown or prepared.refused or (transition and not optional):
        return None
    written = f"(\n{prepared.text}\n)"
    if optional:
        written = f"cel.bind(oldSelf, optional.none(), {written})"
    try:
        return running().deserialize(checking_rules().compile(written).serialize())
    except RuntimeError:
        return None


def _node(schema: Any) -> _Node | None:
    if not isinstance(schema, Mapping):
        return None
    own = schema.get(RULES)
    rules = [item for item in own if isinstance(item, Mapping)] if isinstance(own, list) else []
    typed = frozenset(_typed(schema, "")) if rules else frozenset()
    properties = schema.get("properties")
    inner = dict(properties) if isinstance(properties, Mapping) else {}
    inner |= {"*": schema.get("additionalProperties"), "[]": schema.get("items")}
    nodes = {name: node for name, part in inner.items() if (node := _node(part))}
    return _Node(tuple(_Rule(rule, typed) for rule in rules), nodes) if rules or nodes else None


def _typed(schema: Any, name: str) -> Iterator[str]:
    """The names of fields that hold what rules see in another type; empty for the value itself."""
    if not isinstance(schema, Mapping):
        return
    if is_typed(schema):
        yield name
    properties = schema.get("properties")
    for key, own in properties.items() if isinstance(properties, Mapping) else ():
        yield from _typed(own, escaped(str(key)))
    for key in ("additionalProperties", "items"):
        yield from _typed(schema.get(key), name)
