"""Environment variables of containers (pkg/apis/core/validation: ValidateEnv, ValidateEnvFrom)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tidegate.domain.finding import Severity
from tidegate.domain.manifest import FieldPath
from tidegate.policy.schemas.flaw import Flaw
from tidegate.policy.schemas.syntax.downward import VARIABLES, judge_field, judge_resource
from tidegate.policy.schemas.syntax.grammar import (
    FILE_KEY_RULE,
    SUBDOMAIN_RULE,
    is_file_key,
    is_subdomain,
    is_variable,
)
from tidegate.policy.schemas.syntax.reading import items, mapping, text
from tidegate.policy.schemas.syntax.words import named, needed, wrong
from tidegate.policy.schemas.versions import Minor
from tidegate.policy.schemas.words import shown

_RELAXED = (1, 32)
_SOURCES = ("fieldRef", "resourceFieldRef", "configMapKeyRef", "secretKeyRef", "fileKeyRef")
_ALL = ("configMapRef", "secretRef")


def judge_environment(container: dict[str, Any], path: FieldPath, minor: Minor) -> Iterator[Flaw]:
    """A container's `env` and `envFrom`."""
    relaxed = minor >= _RELAXED
    seen: set[str] = set()
    for item, where in items(container.get("env"), (*path, "env")):
        name = item.get("name")
        if name == "":
            yield Flaw((*where, "name"), "is empty; expected a variable's name")
        elif isinstance(name, str) and not is_variable(name, relaxed=relaxed):
            rule = "printable ASCII characters other than '='"
            if not relaxed:
                rule = "letters, digits, '-', '_' and '.', with no digit first"
            yield wrong((*where, "name"), name, rule)
        if item.get("valueFrom") is not None:
            yield from _judge_source(item, where)
        if isinstance(name, str):
            if name in seen and f"$({name})" not in text(item.get("value")):
                yield _hidden(name, (*where, "name"))
            seen.add(name)
    for item, where in items(container.get("envFrom"), (*path, "envFrom")):
        yield from _judge_all(item, where, relaxed=relaxed)


def _hidden(name: str, path: FieldPath) -> Flaw:
    """The server warns of a name that hides an earlier one, unless it builds upon it."""
    message = (
        f"is {shown(name)}, as an earlier variable; expected each once: the last one counts, "
        "and a server-side apply refuses them"
    )
    return Flaw(path, message, severity=Severity.WARN)


def _judge_source(item: dict[str, Any], path: FieldPath) -> Iterator[Flaw]:
    source, where = mapping(item["valueFrom"]), (*path, "valueFrom")
    if text(item.get("value")):
        yield Flaw(where, f"is set beside the value {shown(item['value'])}; expected one of them")
        return
    given = [key for key in _SOURCES if source.get(key) is not None]
    if not given and not any(source.values()):
        yield Flaw(where, f"names no source; expected one of {', '.join(_SOURCES)}")
    for key in given[1:]:
        yield Flaw((*where, key), f"is a second source beside {given[0]}; expected only one")
    for key in given[:1]:
        reference = mapping(source[key])
        if key == "fieldRef":
            yield from judge_field(reference, (*where, key), VARIABLES)
        elif key == "resourceFieldRef":
            yield from judge_resource(reference, (*where, key))
        elif key in ("configMapKeyRef", "secretKeyRef"):
            yield from needed(reference, "name", (*where, key), "a name")
            yield from named(reference, "name", is_subdomain, SUBDOMAIN_RULE, (*where, key))
            yield from named(reference, "key", is_file_key, FILE_KEY_RULE, (*where, key))
            if reference.get("key") == "":
                yield Flaw((*where, key, "key"), "is empty; expected a key")


def _judge_all(item: dict[str, Any], path: FieldPath, *, relaxed: bool) -> Iterator[Flaw]:
    given = [key for key in _ALL if item.get(key) is not None]
    if not given:
        yield Flaw(path, "names no source; expected configMapRef or secretRef")
    elif len(given) > 1:
        yield Flaw((*path, given[1]), f"is a second source beside {given[0]}; expected only one")
    else:
        reference = mapping(item[given[0]])
        yield from needed(reference, "name", (*path, given[0]), "a name")
        yield from named(reference, "name", _is_beginning, SUBDOMAIN_RULE, (*path, given[0]))
    prefix = text(item.get("prefix"))
    if prefix and not is_variable(prefix, relaxed=relaxed):
        yield wrong((*path, "prefix"), prefix, "the beginning of a variable's name")


def _is_beginning(name: str) -> bool:
    """A name as the server looks at it here: a '-' at its end is taken."""
    return is_subdomain(name[:-1] + name[-1].replace("-", "a"))
