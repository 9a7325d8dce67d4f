"""What is said of overlays that can't be rendered: all that can be seen of their parts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tidegate.domain.examined import Examined
from tidegate.domain.manifest import Broken
from tidegate.domain.text import count, one_line, some_of
from tidegate.flows.problem_findings import RENDER, find_all
from tidegate.repository.parts import find_parts

if TYPE_CHECKING:
    from tidegate.domain.finding import Finding
    from tidegate.domain.snapshot import Snapshot
    from tidegate.flows.examine import Examination, Subject
    from tidegate.repository.closure import Closures
    from tidegate.repository.targets import Target

_LISTED = 5


class Parts(NamedTuple):
    """The parts, and what is found in each."""

    subjects: dict[str, Subject]
    results: dict[str, Examined | Broken]

    @property
    def targets(self) -> list[Target]:
        """What was looked at."""
        return [subject.target for subject in self.subjects.values()]


def examine_parts(
    snapshot: Snapshot,
    closures: Closures,
    results: Mapping[str, Examined | Broken],
    targets: Sequence[Target],
    make_subjects: Callable[[list[Target]], dict[str, Subject]],
    prepare: Callable[[Iterable[Subject]], Examination],
) -> Parts:
    """What is found in the parts of those targets that can't be rendered, and in the parts of
    parts, where one of them can't be. Each round of them is prepared anew, for the processes that
    inspect end with one."""
    parts = Parts({}, {})
    broken = [t.path for t in targets if not t.plain and isinstance(results[t.path], Broken)]
    if not broken:
        return parts
    whole = [t.path for t in targets if not t.plain and t.path not in set(broken)]
    seen = {t.path for t in targets}
    for closure in closures.find(whole).values():
        seen.update(closure.paths, closure.directories)
    while broken:
        fresh = make_subjects(find_parts(snapshot, closures, broken, seen))
        seen.update(fresh)
        parts.subjects.update(fresh)
        for found in prepare(fresh.values()).examine(list(fresh.values())) if fresh else ():
            parts.results[found.overlay] = found
        broken = [
            path
            for path, subject in fresh.items()
            if not subject.plain and isinstance(parts.results[path], Broken)
        ]
    return parts


def find_in_parts(
    parts: Parts, told: Sequence[Finding], snapshot: Snapshot, *, flux: bool
) -> Iterator[Finding]:
    """What is found in parts. Why something can't be rendered is told once, of the whole or of the
    first part that has it."""
    reasons = {(f.where.file, f.where.line) for f in told if f.violation.rule == RENDER}
    for finding in find_all(parts.results, parts.targets, snapshot, flux=flux):
        where = (finding.where.file, finding.where.line)
        if finding.violation.rule != RENDER:
            yield finding
        elif where not in reasons:
            reasons.add(where)
            yield finding


def note_parts(parts: Parts) -> Iterator[str]:
    """That parts were looked at, and which."""
    paths = [one_line(path, 200) for path in sorted(parts.subjects)]
    if paths:
        what = f"{count(len(paths), 'part')} of overlays that can't be rendered"
        yield f"{what}, looked at without the rest: {some_of(paths, _LISTED)}"
