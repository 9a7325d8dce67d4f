"""A RescanReport as Markdown: for a job's summary, and as the text of an environment's issue."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.gate import Status
from tidegate.domain.rescan import Announcement, Rescanned, RescannedEnvironment, RescanReport
from tidegate.domain.text import count
from tidegate.report.escape import code, prose
from tidegate.report.rescan import words
from tidegate.report.words import GATE_ICONS

# GitHub refuses an issue of more than 65,536 characters.
_LIMIT = 60_000
_WORST = (Status.FAILED, Status.ERRORED, Status.WAIVED, Status.PASSED, Status.SKIPPED)


def rescan(report: RescanReport) -> str:
    """Every environment."""
    return "\n".join(_within(_environment(item)) for item in report.environments)


def announcement(item: RescannedEnvironment) -> Announcement:
    """The issue of one environment. It says the same until something changes."""
    if not item.refused and not item.ending:
        return Announcement("", _within(_environment(item)))
    parts = [f"{count(len(item.refused), 'release')} with vulnerabilities"] if item.refused else []
    parts += [f"{count(len(item.ending), 'waiver')} at an end"] if item.ending else []
    title = f"{item.name}: {' and '.join(parts)}"
    body = _within(_environment(item))
    return Announcement(title, f"{body}\n_Kept up to date by `tidegate rescan --issue`._\n")


def _environment(item: RescannedEnvironment) -> Iterator[str]:
    yield f"### {prose(words.summary(item))}"
    yield ""
    if item.releases:
        yield "| | app | version | now | when promoted |"
        yield "|---|---|---|---|---|"
        yield from map(_row, sorted(item.releases, key=_weight))
        yield ""
    yield from (f"- ⚠️ not known: {prose(text)}" for text in item.unreadable)
    yield from (f"- ⏳ {prose(words.ending(waiver))}" for waiver in item.ending)
    if item.unasked:
        yield f"- no gate `scan`: {', '.join(map(code, item.unasked))}"
    if item.issue:
        yield f"- [issue](<{item.issue}>)"
    if item.note:
        yield f"- ⚠️ {prose(item.note)}"


def _row(item: Rescanned) -> str:
    said = "<br>".join(map(prose, (item.result.sentence, *item.result.details)))
    cells = (GATE_ICONS[item.result.status], code(item.app), code(item.version), said)
    return f"| {' | '.join(cells)} | {prose(words.then(item))} |"


def _weight(item: Rescanned) -> tuple[int, str]:
    return _WORST.index(item.result.status), item.app


def _within(lines: Iterator[str]) -> str:
    """As many lines as there is room for; what is cut is said."""
    told: list[str] = []
    room, cut = _LIMIT, 0
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            cut += 1
        else:
            told.append(line)
    if cut:
        told += ["", f"And {count(cut, 'more line')}: see `tidegate rescan`."]
    return "\n".join(told) + "\n"
