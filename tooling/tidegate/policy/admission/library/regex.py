"""Kubernetes' find and findAll, by the CEL library's own RE2: no pattern can take long."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

from tidegate.policy.admission.library.signature import Function, Refused, member

# The beginning of a group that captures, outside of classes and escapes.
_PARTS = re.compile(
    r"\\Q.*?(?:\\E|$)|\\.|\[\^?\]?(?:\\.|\[:\w+:\]|[^\]\\])*\]"
    r"|(?P<group>\(\?P?<\w+>|\((?!\?))",
    re.DOTALL,
)


def _without_groups(pattern: str) -> str:
    """The pattern that matches the same and captures nothing: the library would return a group."""
    return _PARTS.sub(lambda part: "(?:" if part["group"] else part[0], pattern)


@cache
def _programs() -> tuple[Any, Any, Any]:
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_optional

    variables = {"text": cel.Type.STRING, "pattern": cel.Type.STRING}
    config = cel.NewEnvConfigFromYaml("extensions:\n- name: regex\n")
    env = cel.NewEnv(config=config, variables=variables, extensions=[ext_optional.ExtOptional()])
    return (
        env.compile("regex.extract(text, pattern).orValue('')"),
        env.compile("regex.extractAll(text, pattern)"),
        env.compile("text.matches(pattern)"),
    )


def _run(number: int, text: str, pattern: str) -> Any:
    result = _programs()[number].eval(data={"text": text, "pattern": _without_groups(pattern)})
    if result.type().name() == "ERROR":
        raise Refused("Illegal regex: " + str(result.value()).partition(": ")[2])
    return result.plain_value()


def find(text: str, pattern: str) -> str:
    """The first match; empty where there is none."""
    return str(_run(0, text, pattern))


def find_all(text: str, pattern: str, limit: int = -1) -> list[str]:
    """All matches, or the first ones up to a limit."""
    if limit == 0:
        return []
    if _programs()[2].eval(data={"text": "", "pattern": f"^(?:{pattern})$"}).value() is True:
        raise Refused("findAll with a pattern that also matches nothing is not supported here")
    found = [str(item) for item in _run(1, text, pattern)]
    return found if limit < 0 else found[:limit]


FUNCTIONS: tuple[Function, ...] = (
    member("find", "string string", "string", find),
    member("findAll", "string string", "list<string>", find_all),
    member("findAll", "string string int", "list<string>", find_all),
)
