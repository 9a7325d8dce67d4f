"""An expression as Kubernetes reads it → the text that the CEL library is given.

`variables.x` and the fields of `request` become names of their own, of the same length, so that
they have types, and so that every message's column stays right.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from tidegate.policy.admission.lexer import Word, chain, methods, names, words
from tidegate.policy.admission.library.strings import REPLACED
from tidegate.policy.admission.literals import literals
from tidegate.policy.admission.refusals import REQUEST, in_has, optionals, refusal

SIZE_LIMIT = 64 * 1024


@dataclass(frozen=True, slots=True)
class Prepared:
    """`text` has the same lines as what was written; `variables` are those that it names, and
    `request` the request's fields. `refused` has offsets, and what is wrong there."""

    text: str
    variables: tuple[str, ...]
    request: tuple[str, ...]
    refused: tuple[tuple[int, str], ...]


def prepare(text: str, variables: Collection[str], *, condition: bool = False) -> Prepared:
    """Reads an expression that may use the variables, and finds what can't be judged offline. In
    a match condition there are no variables, and `namespaceObject` is null."""
    if len(text) > SIZE_LIMIT:
        return Prepared("", (), (), ((0, f"is longer than {SIZE_LIMIT:,} characters"),))
    found = list(words(text))
    used: dict[str, None] = {}
    request: dict[str, None] = {}
    refused = [
        (w.start, "uses backticks, which Kubernetes has not") for w in found if w.text == "`"
    ]
    refused += [*optionals(found), *literals(found)]
    edits = [(w.start, w.end, REPLACED[w.text]) for w in methods(found) if w.text in REPLACED]
    for index in names(found):
        word, fields = found[index], chain(found, index)
        reason = refusal(found, index, variables, condition=condition)
        if reason:
            refused.append((word.start, reason))
        elif word.text == "variables":
            used[fields[0].text] = None
            edits.append((word.start, fields[0].end, f"variables_{fields[0].text}"))
        elif word.text == "request" and in_has(found, index):
            request[""] = None
        elif word.text == "request":
            field = _request_field(fields)
            request[field] = None
            edits.append((word.start, fields[field.count(".")].end, alias(field)))
        elif word.text == "namespaceObject" and condition:
            edits.append((word.start, word.end, "conditionObject"))
    return Prepared(_edited(text, edits), tuple(used), tuple(request), tuple(refused))


def alias(field: str) -> str:
    """The name that stands for a field of the request."""
    return "request_" + field.replace(".", "_")


def bound(text: str, definitions: Sequence[tuple[str, str]]) -> tuple[str, int]:
    """The text with variables around it, each evaluated when it is first needed, and how many
    lines come before it."""
    before = "".join(f"cel.bind(variables_{name}, (\n{value}\n),\n" for name, value in definitions)
    return f"{before}{text}\n" + ")" * len(definitions), before.count("\n")


def _request_field(fields: list[Word]) -> str:
    two = ".".join(field.text for field in fields[:2])
    return two if two in REQUEST else fields[0].text


def _edited(text: str, edits: list[tuple[int, int, str]]) -> str:
    parts: list[str] = []
    cursor = 0
    for start, end, name in sorted(edits):
        parts += [text[cursor:start], name, "\n" * text.count("\n", start, end)]
        cursor = end
    return "".join([*parts, text[cursor:]])
