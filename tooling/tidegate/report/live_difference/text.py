"""A LiveDiffReport for people."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.difference import Change, ObjectChange
from tidegate.domain.live_difference import ClusterDifference, LiveDiffReport
from tidegate.domain.text import one_line
from tidegate.report import difference
from tidegate.report.live_difference import words

_STYLES = {Change.ADDED: "green", Change.REMOVED: "red"}


def live_difference(report: LiveDiffReport) -> RenderableType:
    """Each object that differs, and under it each field: the cluster's → Git's."""
    return Group(*(line for cluster in report.clusters for line in _cluster(cluster)))


def _cluster(cluster: ClusterDifference) -> Iterator[RenderableType]:
    yield Text(words.heading(cluster), style="dim")
    for item in cluster.objects:
        yield from _object(item)
    yield Text(words.closing(cluster))
    for note in cluster.notes:
        yield Text(f"note: {one_line(note)}", style="yellow")


def _object(item: ObjectChange) -> Iterator[RenderableType]:
    yield Text(words.title(item), style=_STYLES.get(item.change, "bold"))
    for field in item.fields:
        live, wanted = difference.step(field)
        line = Text(f"{one_line(field.path)}: ")
        line.append(live, style="red").append(" → ").append(wanted, style="green")
        yield Padding(line, (0, 0, 0, 4))
