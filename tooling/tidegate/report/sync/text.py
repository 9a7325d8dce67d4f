"""A SyncReport for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.live import Live
from tidegate.domain.sync import AppEnding, SyncReport
from tidegate.domain.text import one_line

_STYLES = {Live.LIVE: "bold green", Live.WAITING: "cyan", Live.SUPERSEDED: "yellow"}
_WORDS = {Live.TIMED_OUT: "timed out"}


def sync(report: SyncReport) -> RenderableType:
    """A line an app, under it what isn't ready, on which cluster, and what to do."""
    lines = [line for ending in report.apps for line in _app(ending, report.environment)]
    lines += [Text(f"warning: {one_line(words)}", style="yellow") for words in report.warnings]
    return Group(*lines)


def _app(ending: AppEnding, environment: str) -> Iterator[RenderableType]:
    state, aim = ending.state, ending.aim
    title = Text()
    title.append(one_line(aim.app.name), style="bold")
    title.append(f"  {one_line(environment)}  {one_line(aim.version)}  ")
    word = _WORDS.get(state.kind, state.kind.value)
    title.append(word, style=_STYLES.get(state.kind, "bold red"))
    title.append(f"  after {ending.seconds:.1f} s" if ending.seconds else "")
    yield title
    if state.kind is not Live.LIVE or not ending.clusters:
        yield _indented(one_line(state.reason))
    for cluster in ending.clusters:
        if len(ending.clusters) > 1:
            where = cluster.destination or cluster.name.name
            words = f"{where}: {cluster.state.kind.value}: {cluster.state.reason}"
            yield _indented(one_line(words))
        for detail in cluster.state.details:
            yield _indented(one_line(detail), "dim")
    for note in ending.notes:
        yield _indented(one_line(note))
    if advice := ending.advice(environment):
        yield _indented(one_line(f"→ {advice}"))


def _indented(words: str, style: str = "") -> RenderableType:
    return Padding(Text(words, style=style), (0, 0, 0, 4))
