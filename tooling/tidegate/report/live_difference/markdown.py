"""A LiveDiffReport as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.live_difference import ClusterDifference, LiveDiffReport
from tidegate.report import difference
from tidegate.report.escape import code, prose
from tidegate.report.live_difference import words


def live_difference(report: LiveDiffReport) -> str:
    """A table of fields, the cluster's and Git's, an object at a time."""
    lines = [f"### {code(report.app)} in {code(report.environment)}: live against Git", ""]
    for cluster in report.clusters:
        lines += _cluster(cluster)
    return "\n".join(lines)


def _cluster(cluster: ClusterDifference) -> Iterator[str]:
    yield prose(words.heading(cluster))
    yield ""
    for item in cluster.objects:
        yield f"**{prose(words.title(item))}**"
        yield ""
        if item.fields:
            yield "| field | live | Git |"
            yield "|---|---|---|"
        for field in item.fields:
            live, wanted = difference.step(field)
            yield f"| {code(field.path)} | {code(live)} | {code(wanted)} |"
        if item.fields:
            yield ""
    yield words.closing(cluster)
    yield ""
    for note in cluster.notes:
        yield f"> {prose(note)}"
        yield ""
