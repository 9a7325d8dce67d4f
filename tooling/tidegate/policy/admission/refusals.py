"""What an expression may not name, because the API server alone knows it or doesn't know it at
all: each refused by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from tidegate.policy.admission.lexer import Word, chain

# The request's fields that are known before there is a request, and their types.
REQUEST: Mapping[str, str] = {
    **{
        f"{kind}.{part}": "string"
        for kind in ("kind", "requestKind")
        for part in ("group", "version", "kind")
    },
    **{
        f"{kind}.{part}": "string"
        for kind in ("resource", "requestResource")
        for part in ("group", "version", "resource")
    },
    **dict.fromkeys(("kind", "requestKind", "resource", "requestResource"), "map"),
    **dict.fromkeys(("subResource", "requestSubResource", "name", "namespace"), "string"),
    "operation": "string",
    "dryRun": "bool",
}
_NAMESPACE: Mapping[str, tuple[str, ...]] = {
    "metadata": (
        *("name", "generateName", "namespace", "labels", "annotations", "UID", "generation"),
        *("creationTimestamp", "deletionGracePeriodSeconds", "deletionTimestamp"),
        *("resourceVersion", "finalizers"),
    ),
    "spec": ("finalizers",),
    "status": ("conditions", "phase"),
}
_KEPT = ("variables_", "request_", "conditionObject")
_OPEN, _CLOSED = ("(", "[", "{"), (")", "]", "}")


def refusal(
    found: list[Word], index: int, variables: Collection[str], *, condition: bool
) -> str | None:
    """Why the name at a position can't be used; None where it can."""
    name, fields = found[index].text, [field.text for field in chain(found, index)]
    if name == "authorizer":
        return "uses 'authorizer': who may do what is known to the API server alone"
    if name.startswith(_KEPT):
        return f"uses the name '{name}', which is kept for our own use"
    if name == "cel" and text_at(found, index + 1) == ".":
        return f"uses 'cel.{text_at(found, index + 2)}', which Kubernetes has not"
    if name == "variables":
        if condition:
            return "uses 'variables', which match conditions don't have"
        alone = in_has(found, index) and text_at(found, index + 4) == ")"
        return _variable(fields, variables, alone)
    if name == "request":
        return _request(fields, text_at(found, index + 1), text_at(found, index + 2))
    return _namespace(fields) if name == "namespaceObject" and fields else None


def optionals(found: list[Word]) -> Iterator[tuple[int, str]]:
    """The library can't hold the optionals that validate() and format.named() give: whatever but
    hasValue() and value() is asked of them."""
    for index, word in enumerate(found):
        named = word.text == "named" and text_at(found, index - 2) == "format"
        called = text_at(found, index - 1) == "." and text_at(found, index + 1) == "("
        if not called or not (named or word.text == "validate"):
            continue
        end = _closing(found, index + 1)
        asked = text_at(found, end + 2) if text_at(found, end + 1) == "." else ""
        if asked not in ("hasValue", "value"):
            message = f"asks the result of '{word.text}' other than with .hasValue() or .value()"
            yield word.start, f"{message}, which can't be judged offline"


def in_has(found: list[Word], index: int) -> bool:
    """Whether the name begins the argument of has()."""
    return text_at(found, index - 1) == "(" and text_at(found, index - 2) == "has"


def text_at(found: list[Word], index: int) -> str:
    """The word at a position; empty beyond the ends."""
    return found[index].text if 0 <= index < len(found) else ""


def _variable(fields: list[str], variables: Collection[str], alone: bool) -> str | None:
    if not fields or alone:
        return "uses 'variables' other than as variables.NAME"
    if fields[0] not in variables:
        return f"uses 'variables.{fields[0]}', which is no variable declared before"
    return None


def _request(fields: list[str], after: str, second: str) -> str | None:
    first = fields[0] if fields else ""
    if first in ("userInfo", "options"):
        return f"uses 'request.{first}', which is known to the API server alone"
    if first not in REQUEST or second == "?":
        return f"uses 'request{after}{first}', which is no field of a request"
    both = ".".join(fields[:2])
    if REQUEST[first] == "map" and both not in REQUEST:
        return f"uses 'request.{both}', which is no field of a request"
    return None


def _namespace(fields: list[str]) -> str | None:
    known = _NAMESPACE.get(fields[0], ())
    if not known or (len(fields) > 1 and fields[1] not in known):
        path = ".".join(fields[:2])
        return f"uses 'namespaceObject.{path}', which is no field that policies see"
    return None


def _closing(found: list[Word], start: int) -> int:
    depth = 0
    for index in range(start, len(found)):
        depth += (found[index].text in _OPEN) - (found[index].text in _CLOSED)
        if depth == 0:
            return index
    return len(found)
