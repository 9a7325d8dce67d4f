"""One policy, one binding, one set of parameters, one object → what the API server decides."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from tidegate.policy.admission.compilation import Program
from tidegate.policy.admission.compiled import Check, Compiled
from tidegate.policy.admission.faults import fault

LIMIT = 50  # fields of one violation
# In bytes; what is longer counts as no message.
_LONGEST_MESSAGE = 5 * 1024


class Decision(NamedTuple):
    """A refusal: the number of the validation (-1 for what is about the whole policy), what the
    server says, and whether it refuses whatever the binding's actions are."""

    number: int
    message: str
    always: bool = False


def evaluate(compiled: Compiled, activation: Any) -> Iterator[Decision]:
    """Every decision against the object, in the server's order; errors follow failurePolicy."""
    lenient = compiled.policy.lenient
    if compiled.conditions:
        results = [_test(program, activation) for program in compiled.conditions]
        if any(result is False for result in results):
            return
        errors = [result for result in results if isinstance(result, str)]
        if errors:
            if not lenient:
                text = errors[0] if len(errors) == 1 else f"[{', '.join(errors)}]"
                yield Decision(-1, text)
            return
    for number, check in enumerate(compiled.checks):
        result = _test(check.test, activation)
        if result is False:
            yield Decision(number, _message(check, activation))
        elif result is not True and not lenient:
            yield Decision(number, result)
    if compiled.annotations and not lenient:
        for program in compiled.annotations:
            note = _run(program, activation)
            if isinstance(note, _Failure):
                yield Decision(-1, note, always=True)


def fields(program: Program, activation: Any) -> list[str]:
    """What a policy's `where` says; nothing where it fails."""
    value = _run(program, activation)
    items = value if isinstance(value, list) else [value]
    texts = (_text(item) if isinstance(value, list) else item for item in items[:LIMIT])
    return [text for text in texts if isinstance(text, str) and not isinstance(text, _Failure)]


class _Failure(str):
    """What the server says of an expression that couldn't be evaluated."""

    __slots__ = ()


def _test(program: Program, activation: Any) -> bool | str:
    """A condition's result, or what the server says where it has none."""
    try:
        value = program.run.eval(activation).value()
    except RuntimeError as error:
        value = str(error)
    # The result of a checked condition is a bool, but for errors, which come as text.
    return value if isinstance(value, bool) else _failure(program, str(value))


def _run(program: Program, activation: Any) -> Any:
    """A result as Python has it: lists with the library's own values in them."""
    try:
        result = program.run.eval(activation)
        kind = result.type().name()
        # The library takes away a reference to None for each None that it hands out.
        value = None if kind == "NULL" else result.value()
    except (RuntimeError, TypeError) as error:
        return _failure(program, str(error))
    return _failure(program, str(value)) if kind == "ERROR" else value


def _text(item: Any) -> str | None:
    return str(item.plain_value()) if item.type().name() == "STRING" else None


def _failure(program: Program, text: str) -> _Failure:
    return _Failure(f"expression '{program.source.text}' resulted in error: {fault(text)}")


def _message(check: Check, activation: Any) -> str:
    message = ""
    if check.message_program:
        value = _run(check.message_program, activation)
        if isinstance(value, str) and not isinstance(value, _Failure):
            message = value.strip()
            if len(message.encode("utf-8", "replace")) > _LONGEST_MESSAGE or "\n" in message:
                message = ""
    return message or check.message or f"failed expression: {check.test.source.text.strip()}"
