"""A StatusReport for people."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.text import Text

from tidegate.domain.standing import Standing, StatusReport
from tidegate.domain.text import one_line
from tidegate.report import cells as shared
from tidegate.report import words as sentences
from tidegate.report.sheet import Sheet
from tidegate.report.status import words


def status(report: StatusReport, *, verbose: bool = False) -> RenderableType:
    """A table: app × environment; with `verbose`, the images too. Under it what is not known."""
    if not report.standings:
        return Text("No app has an overlay in any environment.")
    titles = ["app", "environment", "alias", "Git", "live", "Argo CD", "since (UTC)", "by", ""]
    if report.offline:
        titles = [title for title in titles if title not in ("alias", "live", "Argo CD")]
    if verbose:
        titles.insert(-1, "image")
    table = Sheet(*titles, grouped=True)
    for standing in report.standings:
        cells = _cells(standing, report)
        table.add(*(cells[title] for title in titles))
    notes = [Text(f"not known: {one_line(why)}", style="yellow") for why in report.unknown]
    return Group(table, *notes, *map(Text, words.advice(report)))


def lines(report: StatusReport) -> list[str]:
    """A line for each app and environment, and for all that is not known."""
    shown = [words.line(standing, report.now) for standing in report.standings]
    return [*shown, *(f"not known: {one_line(why)}" for why in report.unknown)]


def _cells(standing: Standing, report: StatusReport) -> dict[str, Text | str]:
    release, alias = standing.release, standing.alias
    agrees = alias is None or release is None or alias.version == release.version
    remarks = words.remarks(standing, report.now)
    return {
        "app": Text(one_line(standing.app), style="bold"),
        "environment": one_line(standing.environment),
        "alias": Text(words.alias(standing), style="" if agrees else "bold red"),
        "Git": Text(words.git(standing), style=_style(standing)),
        "live": Text(words.live(standing), style="" if words.runs_it(standing) else "bold red"),
        "Argo CD": Text(words.argocd(standing), style="" if words.is_well(standing) else "red"),
        "since (UTC)": sentences.moment(standing.since) if standing.since else "",
        "by": sentences.by(standing.author, standing.requested_by) if standing.author else "",
        "image": shared.image(release.image) if release else "",
        "": Text("\n").join(Text(sentence, style=style) for sentence, style in remarks),
    }


def _style(standing: Standing) -> str:
    if standing.release:
        return "bold"
    return "red" if standing.problem else "dim"
