"""The CEL environments: one in which expressions are checked, and one in which they run.

The library has no values for Kubernetes' own types. So expressions are checked with the types as
they are, and run with maps in their place.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Any

from tidegate.policy.admission.library import FUNCTIONS
from tidegate.policy.admission.library.signature import OPAQUE, Function, Refused
from tidegate.policy.admission.refusals import REQUEST
from tidegate.policy.admission.source import alias

# What the API server has beside its own functions. `lists` is the one of cel-go, version 3.
_EXTENSIONS = ("sets", "two-var-comprehensions", "lists")
_STRINGS_VERSION = 2
# The library's `string` can't be added to: it is declared anew, with all that it takes.
_STRING = (
    "bool",
    "bytes",
    "double",
    "duration",
    "int",
    "string",
    "timestamp",
    "uint",
    "IP",
    "CIDR",
)
# Neither can its comparisons, which the API server has between numbers of any two kinds.
_SIGNS = ("_<_", "_<=_", "_>_", "_>=_")
_NUMBERS = ("int", "uint", "double")
_COMPARED = (
    *itertools.product(_NUMBERS, _NUMBERS),
    *((kind, kind) for kind in ("bool", "bytes", "duration", "string", "timestamp")),
)


@cache
def checking(parameters: bool) -> Any:
    """Where policies' expressions are checked; `params` is known to those with a paramKind only."""
    names = ["object", "oldObject", "namespaceObject", "conditionObject"]
    names += ["params"] if parameters else []
    variables = dict.fromkeys(names, "any") | {"request": "map<string,any>"}
    for field, kind in REQUEST.items():
        variables[alias(field)] = "map<string,string>" if kind == "map" else kind
    return _checking(variables)


@cache
def checking_rules() -> Any:
    """Where the rules of definitions are checked."""
    return _checking({"self": "any"})


def _checking(variables: Mapping[str, str]) -> Any:
    from cel_expr_python import cel

    own = [f for f in FUNCTIONS if f.result and f.name != "string"]
    own += [Function("string", (kind,), "string", str) for kind in _STRING]
    own += [Function(sign, pair, "bool", str) for sign in _SIGNS for pair in _COMPARED]
    config = {
        "extensions": [{"name": name} for name in _EXTENSIONS],
        "stdlib": {"exclude_functions": [{"name": name} for name in ("string", *_SIGNS)]},
        "variables": [{"name": name, **_type(kind)} for name, kind in variables.items()],
        "functions": [
            {"name": name, "overloads": [_overload(function) for function in functions]}
            for name, functions in _grouped(own, lambda function: function.name)
        ],
    }
    return cel.NewEnv(config=cel.NewEnvConfigFromYaml(json.dumps(config)), extensions=_libraries())


@cache
def running() -> Any:
    """Where checked expressions run."""
    from cel_expr_python import cel

    config = {"extensions": [{"name": name} for name in _EXTENSIONS]}
    groups = _grouped(
        FUNCTIONS, lambda function: (function.name, function.member, _kinds(function))
    )
    functions = [
        Function(name, kinds, "any", _dispatch(candidates), member)
        for (name, member, kinds), candidates in groups
    ]
    return cel.NewEnv(
        config=cel.NewEnvConfigFromYaml(json.dumps(config)),
        extensions=[*_libraries(), _extension(functions)],
    )


def _libraries() -> list[Any]:
    from cel_expr_python.ext import ext_bindings, ext_optional, ext_strings

    return [
        ext_optional.ExtOptional(),
        ext_strings.ExtStrings(_STRINGS_VERSION),
        ext_bindings.ExtBindings(),
    ]


def _extension(functions: Iterable[Function]) -> Any:
    from cel_expr_python import cel

    def declared(name: str) -> Any:
        kind = name.partition("<")[0]
        return cel.Type.DYN if kind == "any" else getattr(cel.Type, kind.upper())

    def overload(function: Function) -> Any:
        return cel.Overload(
            function.id,
            return_type=declared(function.result),
            parameters=[declared(parameter) for parameter in function.parameters],
            is_member=function.member,
            impl=function.call,
        )

    return cel.CelExtension(
        "kubernetes",
        [
            cel.FunctionDecl(name, [overload(function) for function in overloads])
            for name, overloads in _grouped(functions, lambda function: function.name)
        ],
    )


def _dispatch(candidates: list[Function]) -> Callable[..., Any]:
    """The function for the arguments, where maps stand for several of Kubernetes' types."""
    if len({function.parameters for function in candidates if _opaque(function)}) < 2:
        return candidates[0].call

    def call(*arguments: Any) -> Any:
        for function in candidates:
            if all(map(_fits, function.parameters, arguments)):
                return function.call(*arguments)
        raise Refused("no such overload")

    return call


def _fits(parameter: str, argument: Any) -> bool:
    return parameter not in OPAQUE or f"kubernetes.{parameter}" in argument


def _opaque(function: Function) -> bool:
    return any(parameter in OPAQUE for parameter in function.parameters)


def _kinds(function: Function) -> tuple[str, ...]:
    """What the parameters are while an expression runs."""
    stands = dict.fromkeys((*OPAQUE, "Optional"), "map") | {"A": "any"}
    kinds = (parameter.partition("<")[0] for parameter in function.parameters)
    return tuple(stands.get(kind, kind) for kind in kinds)


def _overload(function: Function) -> dict[str, Any]:
    parameters = [_type(parameter) for parameter in function.parameters]
    target = {"target": parameters.pop(0)} if function.member else {}
    return {"id": function.id, **target, "args": parameters, "return": _type(function.result)}


def _type(name: str) -> dict[str, Any]:
    outer, _, inner = name.removesuffix(">").partition("<")
    if outer in OPAQUE:
        return {"type_name": f"kubernetes.{outer}"}
    if outer == "A":
        return {"type_name": outer, "is_type_param": True}
    known = {"optional": "optional_type", "any": "dyn"}.get(outer, outer)
    parts = inner.split(",", 1) if outer == "map" else [inner] if inner else []
    return {"type_name": known, **({"params": [_type(part) for part in parts]} if parts else {})}


def _grouped(functions: Iterable[Function], key: Callable[[Function], Any]) -> Any:
    found: dict[Any, list[Function]] = {}
    for function in functions:
        found.setdefault(key(function), []).append(function)
    return found.items()
