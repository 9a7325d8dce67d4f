"""A policy, ready to be asked: each of its programs made when it is first needed."""

from __future__ import annotations

from functools import cached_property
from typing import Any, NamedTuple

from tidegate.domain.admission import AdmissionPolicy
from tidegate.policy.admission.compilation import ANY, BOOL, NOTE, STRING, Compiler, Program


class Check(NamedTuple):
    """A validation: what must be true, and how the message is made."""

    test: Program
    message: str
    message_program: Program | None


class Compiled:
    """A policy's programs. Most objects break nothing, and most runs see few kinds: so `whole`
    alone is asked first, and the others are made for those that don't pass."""

    def __init__(self, policy: AdmissionPolicy) -> None:
        self.policy = policy

    @cached_property
    def whole(self) -> Any:
        """True where the object is not meant or breaks nothing; None where that takes more than
        one program."""
        return None if self.policy.annotations else self._compiler.whole()

    @cached_property
    def broken(self) -> bool:
        """Whether something in the policy can't be judged."""
        return self.whole is None and not self._complete

    @cached_property
    def request(self) -> frozenset[str]:
        """Every field of the request that the policy asks for."""
        return self._compiler.request

    @cached_property
    def conditions(self) -> tuple[Program, ...]:
        """The match conditions."""
        found = [
            self._compiler.program(item.expression, BOOL, condition=True)
            for item in self.policy.conditions
        ]
        return tuple(filter(None, found))

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The validations."""
        found = []
        for validation in self.policy.validations:
            test = self._compiler.program(validation.expression, BOOL)
            written = validation.message_expression
            message = self._compiler.program(written, STRING) if written else None
            if test:
                found.append(Check(test, validation.message, message))
        return tuple(found)

    @cached_property
    def annotations(self) -> tuple[Program, ...]:
        """The audit annotations."""
        found = [self._compiler.program(a.expression, NOTE) for a in self.policy.annotations]
        return tuple(filter(None, found))

    @cached_property
    def field(self) -> Program | None:
        """What names the fields that are meant."""
        return self._compiler.program(self.policy.field, ANY) if self.policy.field else None

    @cached_property
    def _compiler(self) -> Compiler:
        return Compiler(self.policy)

    @cached_property
    def _complete(self) -> bool:
        policy = self.policy
        return (
            len(self.conditions) == len(policy.conditions)
            and len(self.checks) == len(policy.validations)
            and len(self.annotations) == len(policy.annotations)
            and not self._compiler.problems
        )
