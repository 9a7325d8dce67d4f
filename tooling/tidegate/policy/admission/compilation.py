"""A policy's expressions → programs, or Problems at the very place in the file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tidegate.domain.admission import AdmissionPolicy, Expression
from tidegate.errors import Problem
from tidegate.policy.admission.complaints import complaints
from tidegate.policy.admission.environment import checking, running
from tidegate.policy.admission.source import Prepared, bound, prepare

BOOL, STRING, NOTE, ANY = ("bool",), ("string",), ("string", "null"), ()


@dataclass(frozen=True, slots=True)
class Program:
    """A compiled expression, and the texts of the variables that it goes through."""

    source: Expression
    through: tuple[str, ...]
    run: Any


class Compiler:
    """Compiles one policy's expressions, and collects what is wrong with them."""

    def __init__(self, policy: AdmissionPolicy) -> None:
        self.problems: list[Problem] = []
        self._policy = policy
        self._environment = checking(policy.parameter is not None)
        self._variables: dict[str, Prepared] = {}
        self._broken: set[str] = set()
        for variable in policy.variables:
            prepared = self._prepare(variable.expression)
            if prepared is None:
                self._broken.add(variable.name)
            # Later ones may name it all the same: it has been told off already.
            self._variables[variable.name] = prepared or Prepared("", (), (), ())

    @property
    def request(self) -> frozenset[str]:
        """Every field of the request that the policy asks for."""
        policy = self._policy
        written = [
            *(item.expression for item in (*policy.annotations, *policy.conditions)),
            *(validation.expression for validation in policy.validations),
            *(validation.message_expression for validation in policy.validations),
            policy.field,
        ]
        found = [prepare(item.text, self._variables) for item in written if item]
        return frozenset(
            field for item in (*found, *self._variables.values()) for field in item.request
        )

    def check(self) -> None:
        """Finds everything that is wrong: first at one go, and one by one only where that fails."""
        policy = self._policy
        tests = [validation.expression for validation in policy.validations]
        messages = [v.message_expression for v in policy.validations if v.message_expression]
        fields = [policy.field] if policy.field else []
        conditions = [item.expression for item in policy.conditions]
        notes = [item.expression for item in policy.annotations]
        if not self.problems and self._fits(
            (conditions, "bool", True), (tests, "bool", False), (messages, "string", False)
        ):
            tests, conditions, messages = [], [], []
        else:
            for variable in policy.variables:
                prepared = self._variables[variable.name]
                if variable.name not in self._broken and not self._check(
                    variable.expression, prepared, ANY
                ):
                    self._broken.add(variable.name)
        for expressions, results in (
            (tests, BOOL),
            (messages, STRING),
            (fields, ANY),
            (notes, NOTE),
        ):
            for expression in expressions:
                self.program(expression, results)
        for expression in conditions:
            self.program(expression, BOOL, condition=True)

    def program(
        self, expression: Expression, results: Sequence[str], *, condition: bool = False
    ) -> Program | None:
        """The expression as a program whose result is of one of the types; any for none."""
        prepared = self._prepare(expression, condition=condition)
        checked = prepared and self._check(expression, prepared, results)
        if not prepared or not checked:
            return None
        needed = [self._variables[name].text for name in self._needed(prepared.variables)]
        run = running().deserialize(checked.serialize())
        return Program(expression, tuple(reversed(needed)), run)

    def whole(self) -> Any:
        """All conditions and validations as one program: true where the object is not meant, or
        breaks nothing. None where the library takes them only one by one."""
        policy = self._policy
        meant = [self._prepare(item.expression, condition=True) for item in policy.conditions]
        tests = [self._prepare(validation.expression) for validation in policy.validations]
        text = _joined(tests, " && ")
        # Not with `||`: a condition that fails would go unnoticed where the tests are true.
        text = f"({_joined(meant, ' && ')}) ? ({text}) : true" if meant else text
        checked = None if self.problems else self._compile(text, tests)
        return running().deserialize(checked.serialize()) if checked else None

    def _fits(self, *groups: tuple[list[Expression], str, bool]) -> bool:
        """Whether each group's expressions, as items of one list, are all of its type."""
        used: set[str] = set()
        for expressions, kind, condition in groups:
            found = [self._prepare(item, condition=condition) for item in expressions]
            used.update(self._needed([name for item in found if item for name in item.variables]))
            checked = None if self.problems else self._compile(f"[{_joined(found, ', ')}]", found)
            if expressions and (
                not checked or str(checked.return_type().name()) != f"LIST<{kind.upper()}>"
            ):
                return False
        return used == self._variables.keys()

    def _compile(self, text: str, items: Iterable[Prepared | None]) -> Any:
        needed = self._needed([name for item in items if item for name in item.variables])
        text, _ = bound(text, [(name, self._variables[name].text) for name in needed])
        try:
            return self._environment.compile(text)
        except RuntimeError:  # whose fault it is will be seen one by one
            return None

    def _prepare(self, expression: Expression, *, condition: bool = False) -> Prepared | None:
        prepared = prepare(expression.text, self._variables, condition=condition)
        for offset, message in prepared.refused:
            self._refuse(expression, offset, message)
        return None if prepared.refused else prepared

    def _check(
        self, expression: Expression, prepared: Prepared, results: Sequence[str]
    ) -> Any | None:
        needed = self._needed(prepared.variables)
        if self._broken & needed.keys():
            return None
        text, before = bound(prepared.text, [(n, self._variables[n].text) for n in needed])
        try:
            checked = self._environment.compile(text)
        except RuntimeError as error:
            for offset, message in complaints(str(error), prepared.text, before, len(needed)):
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

    def _needed(self, names: Iterable[str]) -> Mapping[str, None]:
        """The variables that are needed, by themselves or through others, in their order."""
        wanted: set[str] = set()
        waiting = list(names)
        while waiting:
            name = waiting.pop()
            if name not in wanted:
                wanted.add(name)
                waiting.extend(self._variables[name].variables)
        return {name: None for name in self._variables if name in wanted}

    def _refuse(self, expression: Expression, offset: int, message: str) -> None:
        problem = expression.place(offset).problem(expression.key, message)
        if problem not in self.problems:
            self.problems.append(problem)


def _joined(items: Iterable[Prepared | None], sign: str) -> str:
    return sign.join(f"(\n{item.text}\n)" for item in items if item)
