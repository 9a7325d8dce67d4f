"""A policy's expressions → programs, or Problems at the very place in the file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tidegate.domain.admission import AdmissionPolicy, Expression
from tidegate.errors import Problem
from tidegate.policy.admission.environment import checking, running
from tidegate.policy.admission.library.strings import REPLACED
from tidegate.policy.admission.source import Prepared, bound, prepare

_ERROR = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_DEPTH = 32  # the library's own limit; a variable around an expression is a level
_BOOL, _STRING, _NOTE = ("bool",), ("string",), ("string", "null")


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression, the fields of the request that it asks for, and the texts of the
    variables that it goes through."""

    source: Expression
    request: tuple[str, ...]
    through: tuple[str, ...]
    run: Any


@dataclass(frozen=True, slots=True)
class Check:
    """A validation: what must be true, and how the message is made."""

    test: Program
    message: str
    message_program: Program | None


@dataclass(frozen=True, slots=True)
class Compiled:
    """A policy, ready to be asked. `whole` is true where every validation is; it is there where
    that is all that the policy asks."""

    policy: AdmissionPolicy
    conditions: tuple[Program, ...]
    checks: tuple[Check, ...]
    annotations: tuple[Program, ...]
    field: Program | None
    whole: Any = None

    @property
    def request(self) -> frozenset[str]:
        """Every field of the request that it asks for."""
        programs = [*self.conditions, *self.annotations, *(check.test for check in self.checks)]
        programs += [check.message_program for check in self.checks if check.message_program]
        programs += [self.field] if self.field else []
        return frozenset(field for program in programs for field in program.request)


def compile_policy(policy: AdmissionPolicy) -> tuple[Compiled | None, tuple[Problem, ...]]:
    """The policy with every expression compiled once; None where something can't be judged."""
    compiler = _Compiler(policy)
    conditions = [
        compiler.program(item.expression, _BOOL, condition=True) for item in policy.conditions
    ]
    checks = []
    for validation in policy.validations:
        test = compiler.program(validation.expression, _BOOL)
        written = validation.message_expression
        message = compiler.program(written, _STRING) if written else None
        checks.append(Check(test, validation.message, message) if test else None)
    annotations = [compiler.program(item.expression, _NOTE) for item in policy.annotations]
    field = compiler.program(policy.field, ()) if policy.field else None
    if compiler.problems:
        return None, tuple(compiler.problems)
    simple = not policy.conditions and not policy.annotations
    compiled = Compiled(
        policy,
        tuple(filter(None, conditions)),
        tuple(filter(None, checks)),
        tuple(filter(None, annotations)),
        field,
        compiler.whole([v.expression for v in policy.validations]) if simple else None,
    )
    return compiled, ()


class _Compiler:
    """Compiles one policy's expressions, and collects what is wrong with them."""

    def __init__(self, policy: AdmissionPolicy) -> None:
        self.problems: list[Problem] = []
        self._environment = checking(policy.parameter is not None)
        self._variables: dict[str, Prepared] = {}
        self._broken: set[str] = set()
        for variable in policy.variables:
            prepared = self._prepare(variable.expression)
            if prepared is None or not self._check(variable.expression, prepared, ()):
                self._broken.add(variable.name)
            # Later ones may name it all the same: it has been told off already.
            self._variables[variable.name] = prepared or Prepared("", (), (), ())

    def program(
        self, expression: Expression, results: tuple[str, ...], *, condition: bool = False
    ) -> Program | None:
        """The expression as a program whose result is of one of the types; any for none."""
        prepared = self._prepare(expression, condition=condition)
        checked = prepared and self._check(expression, prepared, results)
        if not prepared or not checked:
            return None
        needed = [self._variables[name] for name in self._needed(prepared)]
        request = {field for item in (prepared, *needed) for field in item.request}
        through = tuple(item.text for item in reversed(needed))
        run = running().deserialize(checked.serialize())
        return Program(expression, tuple(sorted(request)), through, run)

    def whole(self, expressions: list[Expression]) -> Any:
        """All conditions as one program; None where the library takes only one by one."""
        prepared = [self._prepare(expression) for expression in expressions]
        found = [item for item in prepared if item]
        text = " && ".join(f"(\n{item.text}\n)" for item in found)
        names = tuple(name for item in found for name in item.variables)
        needed = self._needed(Prepared(text, names, (), ()))
        text, _ = bound(text, [(name, self._variables[name].text) for name in needed])
        try:
            return running().deserialize(self._environment.compile(text).serialize())
        except RuntimeError:  # too deep, too long
            return None

    def _prepare(self, expression: Expression, *, condition: bool = False) -> Prepared | None:
        prepared = prepare(expression.text, self._variables, condition=condition)
        for offset, message in prepared.refused:
            self._refuse(expression, offset, message)
        return None if prepared.refused else prepared

    def _check(
        self, expression: Expression, prepared: Prepared, results: tuple[str, ...]
    ) -> Any | None:
        needed = self._needed(prepared)
        if self._broken & needed.keys():
            return None
        text, before = bound(prepared.text, [(n, self._variables[n].text) for n in needed])
        try:
            checked = self._environment.compile(text)
        except RuntimeError as error:
            if "recursion" in str(error):
                self._refuse(expression, 0, _deep(len(needed)))
            else:
                for offset, message in _errors(str(error), prepared.text, before):
                    self._refuse(expression, offset, message)
            return None
        kind = str(checked.return_type().name()).lower()
        if results and kind not in results:
            wanted = " or ".join(results)
            message = f"gives {kind}, where Kubernetes asks for {wanted}"
            if kind == "dyn":
                message += ": compare it with something, or convert it"
            self._refuse(expression, 0, message)
            return None
        return checked

    def _needed(self, prepared: Prepared) -> Mapping[str, None]:
        """The variables that an expression needs, itself or through others, in their order."""
        wanted: set[str] = set()
        waiting = list(prepared.variables)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting.extend(self._variables[name].variables)
        return {name: None for name in self._variables if name in wanted}

    def _refuse(self, expression: Expression, offset: int, message: str) -> None:
        where = expression.place(offset)
        problem = Problem(where.file, where.line, where.column, expression.key, message)
        if problem not in self.problems:
            self.problems.append(problem)


def _deep(variables: int) -> str:
    more = f", with one for each of the {variables} variables that it needs" if variables else ""
    return f"is nested more than {_DEPTH} levels deep{more}"


def _errors(text: str, written: str, before: int) -> Iterator[tuple[int, str]]:
    """The library's errors, as offsets in what was written, and as sentences."""
    found = False
    for line, column, message in _ERROR.findall(text):
        found = True
        yield _offset(written, int(line) - before, int(column)), _sentence(message)
    if not found:
        yield 0, "can't be compiled: " + text.removesuffix(" [INVALID_ARGUMENT]").partition(": ")[2]


def _offset(written: str, line: int, column: int) -> int:
    lines = written.split("\n")
    if not 0 < line <= len(lines):
        return len(written) if line > 0 else 0
    return sum(len(text) + 1 for text in lines[: line - 1]) + min(column - 1, len(lines[line - 1]))


def _sentence(message: str) -> str:
    message = message.removesuffix(" (in container '')").removesuffix(" [INVALID_ARGUMENT]")
    message = re.sub(r"\b(variables|request)_(\w+)", r"\1.\2", message)
    for name, other in REPLACED.items():
        message = message.replace(f"'{other}'", f"'{name}'")
    if message.startswith("undeclared reference to "):
        return f"names {message.removeprefix('undeclared reference to ')}, which is not there"
    return f"can't be compiled: {message}"
