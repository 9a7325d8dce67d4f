"""What a gate refuses, and somebody who takes responsibility for it all the same."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from tidegate.domain.app import GateSpec
from tidegate.domain.evidence import Evidence
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.waiver import Subject, Waiver, sort_out

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Division(Generic[T]):
    """Things that a gate refuses, divided: those that are waived, each with its waiver, and the
    rest, with the waivers that some of it had until they expired."""

    rest: tuple[T, ...]
    waived: tuple[tuple[T, Waiver], ...]
    lapsed: tuple[Waiver, ...]

    @property
    def used(self) -> tuple[Waiver, ...]:
        """The waivers that hold, each once."""
        return tuple(dict.fromkeys(waiver for _, waiver in self.waived))

    @property
    def note(self) -> str:
        """How a sentence about the rest ends: what else there is, and what has expired."""
        lapsed = tuple(dict.fromkeys(self.lapsed))
        others = f" and {len(lapsed) - 1} more" if len(lapsed) > 1 else ""
        more = f"; {len(self.waived)} more waived" if self.waived else ""
        return f"{more}; {lapsed[0].lapse}{others}" if lapsed else more

    @property
    def summary(self) -> str:
        """How a sentence ends where there is no rest."""
        return "waived" if len(self.waived) == 1 else "all waived"


def divide(
    items: Iterable[T], find: Callable[[T], tuple[Waiver | None, Waiver | None]]
) -> Division[T]:
    """`find` gives the waiver that holds for a thing, or the one that has expired."""
    rest: list[T] = []
    waived: list[tuple[T, Waiver]] = []
    lapsed: list[Waiver] = []
    for item in items:
        holding, gone = find(item)
        if holding:
            waived.append((item, holding))
            continue
        rest.append(item)
        lapsed += [gone] if gone else []
    return Division(tuple(rest), tuple(waived), tuple(lapsed))


def waive(spec: GateSpec, result: GateResult, evidence: Evidence) -> GateResult:
    """A failed result becomes waived where there is a waiver for the gate, by its key or its
    kind. What is errored stays: nobody can take responsibility for what nobody has seen."""
    if result.status is not Status.FAILED:
        return result
    names = (spec.key, spec.gate)
    holding, lapsed = sort_out(evidence.waivers, Subject.GATE, names, evidence.now)
    if lapsed:
        return replace(result, sentence=f"{result.sentence}; {lapsed.lapse}")
    if holding is None:
        return result
    return replace(
        result,
        status=Status.WAIVED,
        sentence=f"{result.sentence}; {holding.signature}",
        details=(holding.grounds, *result.details),
        waivers=tuple(dict.fromkeys((holding, *result.waivers))),
    )


def noted(line: str, waiver: Waiver) -> str:
    """A line about one thing that is waived, with who, until when and why."""
    return f"{line}; {waiver.signature}, {waiver.grounds}"
