"""Gate `policy`: the candidate brings nothing that a rule denies and that was not there before."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from tidegate.domain.evidence import Evidence, Need
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.manifest import FieldPath, ObjectId
from tidegate.domain.text import count
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.waiver import Subject, Waiver, sort_out
from tidegate.gates.render import path_text
from tidegate.gates.waiver import divide, noted

_SHOWN = 10

_Identity = tuple[str, ObjectId | None, FieldPath]


@dataclass(frozen=True, slots=True)
class Policy:
    """Has no settings: rules and their severities are the environment's own affair."""

    NEEDS: ClassVar[frozenset[Need]] = frozenset({Need.POLICY})

    key: str

    @classmethod
    def configure(cls, key: str, settings: Mapping[str, Any]) -> Policy:  # noqa: ARG003 the gates' common shape
        """Settings that fit the schema → the gate."""
        return cls(key)

    def judge(self, evidence: Evidence) -> GateResult:
        """Compares what rules deny before and after, by rule, object and field: a message may
        hold the version, and is another one after every promotion."""
        found = evidence.findings
        if found is None or isinstance(found, Unavailable):
            reason = found.reason if found else "the overlay was not held against policy"
            return GateResult(self.key, Status.ERRORED, reason)
        before, after = _denied(found.before), _denied(found.after)
        new = list(_new(before, after))
        divided = divide(new, lambda violation: _waiver(violation, evidence))
        old = len(after) - len(new)
        kept = f"; {count(old, 'finding')} of before {'is' if old == 1 else 'are'} still there"
        note = kept if old else ""
        lines = _lines([noted(_line(violation), waiver) for violation, waiver in divided.waived])
        if divided.rest:
            brings = f"the promotion brings {count(len(divided.rest), 'finding')}"
            sentence = f"{brings} that policy denies{divided.note}{note}"
            details = (*_lines([_line(violation) for violation in divided.rest]), *lines)
            return GateResult(self.key, Status.FAILED, sentence, len(new), 0, details, divided.used)
        if new:
            brings = f"the promotion brings {count(len(new), 'finding')}"
            sentence = f"{brings} that policy denies, {divided.summary}{note}"
            return GateResult(self.key, Status.WAIVED, sentence, len(new), 0, lines, divided.used)
        sentence = f"the promotion brings nothing that policy denies{note}"
        return GateResult(self.key, Status.PASSED, sentence, 0, 0)


def _denied(violations: Iterable[Violation]) -> list[Violation]:
    return [found for found in violations if found.severity is Severity.DENY]


def _new(before: Iterable[Violation], after: Iterable[Violation]) -> Iterator[Violation]:
    """Those after that have no counterpart before: a second one of a kind is a new one."""
    known = Counter(_identity(found) for found in before)
    for found in after:
        if known[_identity(found)]:
            known[_identity(found)] -= 1
        else:
            yield found


def _identity(found: Violation) -> _Identity:
    return found.rule, found.object, found.field


def _waiver(found: Violation, evidence: Evidence) -> tuple[Waiver | None, Waiver | None]:
    fitting = [waiver for waiver in evidence.waivers if waiver.includes(found.object)]
    return sort_out(fitting, Subject.RULE, [found.rule], evidence.now)


def _line(found: Violation) -> str:
    field = f" {path_text(found.field)}" if found.field else ""
    where = f"{found.object or 'the overlay'}{field}"
    return f"{found.rule}: {where}: {found.message}"


def _lines(lines: Sequence[str]) -> tuple[str, ...]:
    more = (f"and {len(lines) - _SHOWN} more",) if len(lines) > _SHOWN else ()
    return (*lines[:_SHOWN], *more)
