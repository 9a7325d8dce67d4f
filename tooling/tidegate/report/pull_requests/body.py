"""The text of a pull request, for a reviewer who has two minutes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tidegate.domain.gate import GateResult, Status
from tidegate.domain.promised import Kind, promised
from tidegate.domain.promotion import Promotion
from tidegate.domain.release import Release
from tidegate.domain.scan import Vulnerability
from tidegate.domain.story import Chapter, ScanStep, Story
from tidegate.domain.text import one_line
from tidegate.report.escape import code, prose
from tidegate.report.pull_requests.cluster import look_up
from tidegate.report.pull_requests.fitting import fit, promise
from tidegate.report.pull_requests.links import (
    argocd_link,
    compare_link,
    image_page,
    run_link,
    version_link,
)
from tidegate.report.words import GATE_ICONS

_LISTED = 15
_DIGEST = 19


def write(story: Story) -> str:
    """Markdown of at most 60,000 bytes, whatever comes in: what is cut is named, and where the
    whole is. It ends with the lines that machines read."""
    items = [promised(chapter.promotion) for chapter in story.chapters]
    whole = f"`tidegate promote … --to {story.environment} --dry-run`"
    block = promise(Kind.PROMOTION, items, story.revision)
    return fit([_head(story), *_sections(story)], whole, block)


def _sections(story: Story) -> Iterator[str]:
    """What every reviewer needs comes first, what some want to look up last."""
    several = len(story.chapters) > 1
    for chapter in story.chapters:
        yield from _verdict(chapter, several)
    yield _after(story)
    for chapter in story.chapters:
        yield from look_up(chapter.promotion.app, story.environment, chapter.cluster)


def _head(story: Story) -> str:
    lines = ["| app | model | version | image |", "|---|---|---|---|"]
    for chapter in story.chapters:
        p = chapter.promotion
        old, new = p.champion, p.release
        before = version_link(story, old.model, old.version) if old else ""
        step = f"{before} → {_version(old, new, story)}".lstrip()
        lines.append(f"| {code(p.app)} | {code(new.model)} | {step} | {_image(p)} |")
    asked = story.request
    if asked.requested_by:
        lines += ["", f"Requested by {prose(one_line(asked.requested_by, 100))}."]
    if asked.reason:
        lines += ["", f"> {prose(one_line(asked.reason, 500))}"]
    for chapter in story.chapters:
        for warning in chapter.promotion.candidate.warnings:
            lines += ["", f"> ⚠️ {prose(warning)}"]
    return "\n".join([*lines, ""])


def _version(old: Release | None, new: Release, story: Story) -> str:
    links = filter(None, (run_link(story, new.run_id), compare_link(story, old, new)))
    more = ", ".join(links)
    return f"**{version_link(story, new.model, new.version)}**" + (f" ({more})" if more else "")


def _image(promotion: Promotion) -> str:
    """Short enough for a table; the whole digest is in the rendered difference."""
    new, old = promotion.release.image, promotion.champion
    digest = (new.digest or "")[:_DIGEST]
    same = " (the same)" if old and old.image.digest == new.digest else ""
    shown, page = code(f"{new.name}:{new.tag}"), image_page(new.name)
    linked = f"[{shown}](<{page}>)" if page else shown
    return f"{linked}<br>{code(f'{digest}…')}{same}"


def _verdict(chapter: Chapter, several: bool) -> Iterator[str]:
    promotion = chapter.promotion
    title = f"Verdict on {promotion.app}" if several else "Verdict"
    lines = [f"### {title}: passes every gate", ""]
    waived = [r for r in promotion.verdict.results if r.status is Status.WAIVED]
    if waived:
        names = ", ".join(code(result.gate) for result in waived)
        lines[0] = f"### {title}: passes with waivers"
        lines += [f"> ⚠️ **Somebody takes responsibility for {names}:**", *_waivers(waived), ""]
    lines += ["| | gate | result |", "|---|---|---|"]
    for result in promotion.verdict.results:
        sentence = f"{result.status.value}: {prose(result.sentence)}"
        lines.append(f"| {GATE_ICONS[result.status]} | {code(result.gate)} | {sentence} |")
    yield "\n".join([*lines, ""])
    yield from _metrics(promotion)
    if chapter.scan:
        yield _scan(chapter.scan)


def _waivers(waived: Sequence[GateResult]) -> Iterator[str]:
    for waiver in dict.fromkeys(w for result in waived for w in result.waivers):
        until = f"{waiver.expires.isoformat()}"
        reason = prose(one_line(waiver.reason, 300))
        yield f"> - {code(waiver.id)} by {prose(waiver.approved_by)}, until {until}: {reason}"


def _metrics(promotion: Promotion) -> Iterator[str]:
    evidence = promotion.release.evidence
    new = evidence.get("metrics") or {}
    champion = evidence.get("champion") or {}
    old = champion.get("metrics") or {}
    if not new:
        return
    heading = f"champion ({prose(str(champion['version']))})" if champion else "champion"
    lines = [f"| metric | {heading} | candidate |", "|---|---:|---:|"]
    for name, value in new.items():
        before = f"{old[name]:.6g}" if name in old else "–"
        lines.append(f"| {code(name)} | {before} | {value:.6g} |")
    yield "\n".join([*lines, ""])


def _scan(step: ScanStep) -> str:
    if step.unknown:
        return f"Vulnerabilities: nobody can tell what is new: {prose(step.unknown)}\n"
    if not step.new and not step.fixed:
        return "Vulnerabilities: none is new, and none is fixed.\n"
    lines = [f"Vulnerabilities: **{len(step.new)} new**, {len(step.fixed)} fixed.", ""]
    for title, found in (("new", step.new), ("fixed", step.fixed)):
        lines += [_vulnerability(title, item) for item in found[:_LISTED]]
        if len(found) > _LISTED:
            lines.append(f"- and {len(found) - _LISTED} more that are {title}")
    return "\n".join([*lines, ""])


def _vulnerability(title: str, item: Vulnerability) -> str:
    mend = f", fixed in {prose(item.fixed)}" if item.fixed else ""
    package = f"{item.package} {item.installed}"
    return f"- {title}: {prose(item.id)} ({item.severity.name}) in {code(package)}{mend}"


def _after(story: Story) -> str:
    environment = story.environment
    apps = " ".join(chapter.promotion.app for chapter in story.chapters[:_LISTED])
    lines = [
        "### On merge",
        "",
        f"{argocd_link(story)} applies it to {environment} by itself. To go back:",
        "",
        "```sh",
        f'tidegate rollback {apps} --env {environment} --reason "…"',
        "```",
        "",
    ]
    return "\n".join(lines)
