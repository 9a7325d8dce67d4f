"""Reports for people, at the terminal that they have. Everything from outside is one clean line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.text import Text

from tidegate.domain.delivery_report import DeliveryReport
from tidegate.domain.diagnosis import Diagnosis, Health
from tidegate.domain.difference import Change as Alteration
from tidegate.domain.difference import DiffReport
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.history import Change, History
from tidegate.domain.promotion import AppReport, Outcome, PromotionReport
from tidegate.domain.proposed import ProposalReport
from tidegate.domain.text import count, one_line
from tidegate.report import cells, written
from tidegate.report import difference as words
from tidegate.report import words as sentences
from tidegate.report.pull_requests import text as proposed
from tidegate.report.rollback import text as rolled_back
from tidegate.report.sheet import Sheet
from tidegate.report.sync import text as synced
from tidegate.report.verbatim import Verbatim

_REVISION_SHOWN = 10
_MANY = 12

_STATUS_STYLE = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.ERRORED: "bold red",
    Status.SKIPPED: "dim",
    Status.WAIVED: "yellow",
}
_OUTCOME_STYLE = {
    Outcome.PROMOTED: "bold green",
    Outcome.PLANNED: "bold green",
    Outcome.PASSED: "bold green",
    Outcome.ALREADY: "green",
    Outcome.NOTHING: "dim",
    Outcome.HELD_BACK: "yellow",
}
_OUTCOME_WORDS = {
    Outcome.PROMOTED: "promoted",
    Outcome.PLANNED: "would be promoted",
    Outcome.PASSED: "passes every gate",
    Outcome.ALREADY: "already there",
    Outcome.NOTHING: "nothing to promote",
    Outcome.HELD_BACK: "passes, but is held back",
    Outcome.BLOCKED: "blocked",
    Outcome.CONFLICT: "conflict",
    Outcome.ERROR: "error",
}


def promotion(report: PromotionReport, *, verbose: bool = False) -> RenderableType:
    """What was promoted, or why not, and what to do next."""
    lines = list(_verdicts(report, verbose=verbose))
    if report.plan and not report.receipt:
        lines.append(Text())
        lines.append(Text("The commit would say:", style="bold"))
        lines.append(Verbatim(report.plan.message))
        lines.append(Text("and change:", style="bold"))
        lines.append(Verbatim(report.diff, diff=True))
    lines.extend(_closing(report))
    return Group(*lines)


def _verdicts(report: PromotionReport, *, verbose: bool) -> Iterator[RenderableType]:
    """Each app's, or only their number where they are many and all is well."""
    many = len(report.apps) > _MANY and not verbose
    for app in report.apps:
        quiet = app.outcome in (Outcome.PROMOTED, Outcome.PLANNED, Outcome.PASSED, Outcome.ALREADY)
        if not (many and quiet):
            yield from _app(app, report.environment, verbose=verbose)
    if many:
        counts = Counter(app.outcome for app in report.apps)
        parts = [f"{number} {_OUTCOME_WORDS[outcome]}" for outcome, number in counts.items()]
        yield Text(f"{count(len(report.apps), 'app')}: {', '.join(parts)}")


def proposal(report: ProposalReport, *, verbose: bool = False) -> RenderableType:
    """The verdicts, then what became of each pull request."""
    lines = list(_verdicts(report.promotion, verbose=verbose))
    for item in report.proposals:
        lines.extend(proposed.proposed(item))
    return Group(*lines)


def delivery(report: DeliveryReport, *, verbose: bool = False) -> RenderableType:
    """The promotion, then how it went on in the cluster, then how it was taken back."""
    parts = [promotion(report.promotion, verbose=verbose)]
    parts += [synced.sync(report.sync)] if report.sync else []
    parts += [rolled_back.rollback(report.rollback)] if report.rollback else []
    return Group(*parts)


def history(report: History) -> RenderableType:
    """One line a change, newest first."""
    if not report.changes:
        return Text(f"{report.app} was never promoted.")
    table = Sheet("when (UTC)", "environment", "version", "image", "by", "commit", "")
    for change in report.changes:
        table.add(
            sentences.moment(change.when),
            one_line(change.environment, 63),
            _step(change),
            cells.image(change.release.image) if change.release else Text(""),
            sentences.by(change.author, change.requested_by),
            change.revision[:_REVISION_SHOWN],
            _note(change),
        )
    return table


def difference(report: DiffReport) -> RenderableType:
    """Each object that differs, and under it each field, old → new."""
    lines: list[RenderableType] = []
    for item in report.objects:
        style = {Alteration.ADDED: "green", Alteration.REMOVED: "red"}.get(item.change, "bold")
        lines.append(Text(words.title(item), style=style))
        for field in item.fields:
            old, new = words.step(field)
            line = Text(f"{one_line(field.path)}: ")
            line.append(old, style="red").append(" → ").append(new, style="green")
            lines.append(Padding(line, (0, 0, 0, 4)))
    lines.append(Text(words.closing(report)))
    return Group(*lines)


def diagnosis(report: Diagnosis) -> RenderableType:
    """One line a finding, with what to do about those that are missing."""
    table = Sheet()
    style = {Health.OK: "green", Health.MISSING: "bold red", Health.OPTIONAL: "dim"}
    for finding in report.findings:
        words = Text(one_line(finding.found))
        if finding.hint:
            words.append(f"\n→ {one_line(finding.hint)}")
        health = Text(finding.health.value, style=style[finding.health])
        table.add(health, Text(finding.name), words)
    return table


def _app(report: AppReport, environment: str, *, verbose: bool) -> Iterator[RenderableType]:
    title = Text()
    title.append(report.app, style="bold")
    title.append(f"  {environment}")
    if versions := _versions(report):
        title.append(f"  {versions}")
    words = _OUTCOME_WORDS[report.outcome]
    title.append(f"  {words}", style=_OUTCOME_STYLE.get(report.outcome, "bold red"))
    yield title
    if report.note:
        yield Padding(Text(one_line(report.note)), (0, 0, 0, 4))
    if report.candidate and report.outcome is not Outcome.ALREADY:
        yield Verbatim(str(report.candidate.image), "dim")
        for warning in report.candidate.warnings:
            yield Padding(Text(f"warning: {one_line(warning)}", style="yellow"), (0, 0, 0, 4))
    if report.verdict:
        yield Padding(_verdict(report.verdict.results, verbose=verbose), (0, 0, 0, 4))
    if report.error:
        yield from written.failure(report.error)


def _verdict(results: tuple[GateResult, ...], *, verbose: bool) -> Sheet:
    table = Sheet()
    for result in results:
        style = _STATUS_STYLE[result.status]
        sentence = Text(one_line(result.sentence))
        if result.status.blocks or result.waivers or verbose:
            for detail in result.details:
                sentence.append(f"\n{one_line(detail)}", style="dim")
        table.add(Text(result.status.value, style=style), Text(one_line(result.gate)), sentence)
    return table


def _closing(report: PromotionReport) -> Iterator[RenderableType]:
    if report.receipt:
        receipt = report.receipt
        yield Text(
            f"Committed {receipt.revision[:_REVISION_SHOWN]} "
            f"to {receipt.branch} of {receipt.remote}."
        )
        if report.exit_code:
            yield Text("Not everything was promoted; the rest is listed above.", style="yellow")
    elif report.error:
        return  # which comes last of all, on standard error
    elif report.plan:
        yield Text("Dry run: nothing was committed.")
    elif report.outcome in (Outcome.BLOCKED, Outcome.ERROR, Outcome.CONFLICT):
        if any(app.outcome is Outcome.HELD_BACK for app in report.apps):
            yield Text("Nothing was committed: either all apps pass, or none is promoted.")
            yield Text("→ --keep-going promotes those that pass")
        elif any(app.outcome is not Outcome.PASSED for app in report.apps):
            yield Text("Nothing was committed.")


def _versions(report: AppReport) -> str:
    before = report.champion.version if report.champion else None
    after = report.candidate.version.version if report.candidate else None
    if after is None:
        return before or ""
    if before == after:
        return f"{after}, another image"
    return f"{before} → {after}" if before else f"→ {after}"


def _step(change: Change) -> str:
    if change.release is None:
        return change.before or "–"
    before = one_line(change.rolled_back_from or change.before or "", 40)
    return f"{before} → {change.release.version}" if before else f"→ {change.release.version}"


def _note(change: Change) -> Text:
    text = Text()
    if change.by_hand:
        text.append("by hand: ", style="bold yellow")
        text.append(one_line(change.note, 100))
    elif change.rolled_back_from:
        text.append("rolled back: ", style="bold yellow")
    if change.direct:
        text.append("directly: ", style="bold yellow")
    if change.reason and not change.by_hand:
        text.append(one_line(change.reason, 100))
    return text
