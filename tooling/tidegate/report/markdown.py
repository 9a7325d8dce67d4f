"""Reports as Markdown, for a pull request or a job summary: nothing from outside breaks out."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.delivery_report import DeliveryReport
from tidegate.domain.difference import DiffReport
from tidegate.domain.promotion import AppReport, Outcome, PromotionReport
from tidegate.domain.proposed import ProposalReport
from tidegate.report import difference as words
from tidegate.report import written
from tidegate.report.escape import code, prose
from tidegate.report.pull_requests import markdown as proposed
from tidegate.report.rollback import markdown as rolled_back
from tidegate.report.sync import markdown as synced
from tidegate.report.words import GATE_ICONS

_TITLES = {
    Outcome.PROMOTED: "promoted",
    Outcome.PLANNED: "would be promoted",
    Outcome.PASSED: "passes every gate",
    Outcome.ALREADY: "already there",
    Outcome.NOTHING: "nothing to promote",
    Outcome.HELD_BACK: "passes, held back by others",
    Outcome.BLOCKED: "blocked",
    Outcome.CONFLICT: "conflict",
    Outcome.ERROR: "error",
}


def promotion(report: PromotionReport) -> str:
    """A section an app with its verdict, then the change itself, folded."""
    lines: list[str] = []
    for app in report.apps:
        lines.extend(_app(app, report.environment))
    if report.plan:
        lines.extend(written.changes(report.diff))
    if report.error:
        lines.append(written.refusal(report.error))
    elif report.receipt:
        receipt = report.receipt
        lines.append(f"Committed `{receipt.revision}` to {code(receipt.branch)}.")
    elif report.outcome is not Outcome.PASSED:
        lines.append("Nothing was committed.")
    return "\n".join(lines) + "\n"


def proposal(report: ProposalReport) -> str:
    """The verdicts, then a line for each pull request."""
    lines = [
        line for app in report.promotion.apps for line in _app(app, report.promotion.environment)
    ]
    for item in report.proposals:
        lines.extend(proposed.proposed(item))
    return "\n".join(lines) + "\n"


def delivery(report: DeliveryReport) -> str:
    """The promotion, then how it went on in the cluster, then how it was taken back."""
    parts = [promotion(report.promotion)]
    parts += [synced.sync(report.sync)] if report.sync else []
    parts += [rolled_back.rollback(report.rollback)] if report.rollback else []
    if report.error:
        parts.append(f"❌ {prose(report.error.message)}\n")
    return "\n".join(parts)


def difference(report: DiffReport) -> str:
    """A table of fields, old and new, an object at a time."""
    lines = [f"### {code(report.app)} in {code(report.environment)}", ""]
    for item in report.objects:
        lines += [f"**{prose(words.title(item))}**", ""]
        if item.fields:
            lines += ["| field | old | new |", "|---|---|---|"]
        for field in item.fields:
            old, new = words.step(field)
            lines.append(f"| {code(field.path)} | {code(old)} | {code(new)} |")
        if item.fields:
            lines.append("")
    lines.append(words.closing(report))
    return "\n".join(lines) + "\n"


def _app(report: AppReport, environment: str) -> Iterator[str]:
    before = report.champion.version if report.champion else None
    after = report.candidate.version.version if report.candidate else before
    step = f" {before} → {after}" if before and before != after else f" {after}" if after else ""
    yield f"### {report.app}{step} in {environment}: {_TITLES[report.outcome]}"
    yield ""
    if report.candidate:
        version, image = report.candidate.version, report.candidate.image
        model = f"Model {code(version.model)} version {code(version.version)}"
        yield f"{model}, image {code(str(image))}"
        yield ""
        for warning in report.candidate.warnings:
            yield f"> ⚠️ {prose(warning)}"
            yield ""
    if report.note:
        yield prose(report.note)
        yield ""
    if report.error:
        yield written.refusal(report.error)
        yield ""
    if report.verdict and report.verdict.results:
        yield "| | gate | result |"
        yield "|---|---|---|"
        for result in report.verdict.results:
            details = "".join(f"<br>{prose(detail)}" for detail in result.details)
            shown = details if result.status.blocks or result.waivers else ""
            sentence = f"{result.status.value}: {prose(result.sentence)}{shown}"
            yield f"| {GATE_ICONS[result.status]} | {code(result.gate)} | {sentence} |"
        yield ""
