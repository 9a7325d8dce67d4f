"""A RescanReport for people at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.rescan import Rescanned, RescannedEnvironment, RescanReport
from tidegate.domain.text import one_line
from tidegate.report.rescan import words


def rescan(report: RescanReport) -> RenderableType:
    """Each environment: what is refused and why, what nobody can tell, and what ends."""
    return Group(*(line for item in report.environments for line in _environment(item)))


def _environment(item: RescannedEnvironment) -> Iterator[RenderableType]:
    style = "bold red" if item.refused else "yellow" if item.unknown else "green"
    yield Text(one_line(words.summary(item)), style=style)
    for release in item.releases:
        if release.refused or release.unknown or release.result.waivers:
            yield from _release(release)
    for text in item.unreadable:
        yield _line(f"not known: {text}", "yellow")
    for waiver in item.ending:
        yield _line(words.ending(waiver), "yellow")
    if item.unasked:
        yield _line(f"no gate scan: {', '.join(item.unasked)}", "dim")
    if item.issue:
        yield _line(item.issue, "")
    if item.note:
        yield _line(item.note, "bold red")


def _release(item: Rescanned) -> Iterator[RenderableType]:
    style = "bold red" if item.refused else "yellow"
    sentence = f"not known: {item.result.sentence}" if item.unknown else item.result.sentence
    yield _line(f"{item.app} version {item.version}: {sentence}", style)
    for detail in item.result.details:
        yield Padding(Text(one_line(detail)), (0, 0, 0, 8))
    yield Padding(Text(f"when promoted: {words.then(item)}", style="dim"), (0, 0, 0, 8))


def _line(text: str, style: str) -> RenderableType:
    return Padding(Text(one_line(text), style=style), (0, 0, 0, 4))
