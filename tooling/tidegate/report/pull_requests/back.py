"""The text of a rollback's pull request: what goes back, why, and how to go forward again."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.promised import Kind
from tidegate.domain.release import OverlayState
from tidegate.domain.rollback import Rollback
from tidegate.domain.story import BackStory, ClusterStep
from tidegate.domain.text import one_line
from tidegate.report import words
from tidegate.report.escape import code, prose
from tidegate.report.pull_requests.cluster import look_up
from tidegate.report.pull_requests.fitting import fit, promise

_LISTED = 15
_DIGEST = 19


def write_back(story: BackStory) -> str:
    """Markdown of at most 60,000 bytes, whatever comes in; see `body.write`."""
    items = [_promised(item, story.environment) for item in story.rollbacks]
    block = promise(Kind.ROLLBACK, items, story.revision)
    whole = f"`tidegate rollback … --env {story.environment} --dry-run`"
    return fit([_head(story), *_sections(story)], whole, block)


def _promised(item: Rollback, environment: str) -> dict[str, str | None]:
    after = item.after
    return {
        "app": item.app,
        "environment": environment,
        "model": after.model if after else None,
        "version": after.version if after else None,
        "digest": after.image.digest if after else None,
    }


def _head(story: BackStory) -> str:
    lines = [
        "**A rollback: it goes back to what ran before, and no gate is asked.**",
        "",
        "| app | version | image that runs again |",
        "|---|---|---|",
    ]
    for item in story.rollbacks:
        lines.append(f"| {code(item.app)} | {_step(item)} | {_image(item)} |")
    lines += ["", f"By {prose(one_line(story.by, 100))}:", ""]
    return "\n".join([*lines, f"> {prose(one_line(story.reason, 500))}", ""])


def _step(item: Rollback) -> str:
    after = prose(item.after.version) if item.after else ""
    return f"{prose(_version(item.before))} → **{after}**"


def _version(state: OverlayState | None) -> str:
    return one_line((state.version if state else None) or "?", 40)


def _image(item: Rollback) -> str:
    if item.after is None:
        return ""
    image = item.after.image
    digest = (image.digest or "")[:_DIGEST]
    return f"{code(f'{image.name}:{image.tag}')}<br>{code(f'{digest}…')}"


def _sections(story: BackStory) -> Iterator[str]:
    for item in story.rollbacks:
        yield _afterwards(item, several=len(story.rollbacks) > 1)
    yield _forward(story)
    for item in story.rollbacks:
        step = story.clusters.get(item.app, ClusterStep())
        yield from look_up(item.app, story.environment, step)


def _afterwards(item: Rollback, *, several: bool) -> str:
    lines = [f"### After the merge{f', {code(item.app)}' if several else ''}", ""]
    if item.since and item.after:
        lines.append(
            f"- version {prose(item.after.version)} is as commit {item.since[:10]} left it"
        )
    if item.block:
        lines.append(f"- {prose(words.blocked(item.block))}")
    if item.hold:
        lines.append(f"- {prose(words.held(item.hold))}")
    lines += [f"- {prose(one_line(note))}" for note in item.notes]
    if item.unverified:
        lines.append(f"- ⚠️ not verified: {prose(one_line(', '.join(item.unverified), 1000))}")
    return "\n".join([*lines, ""])


def _forward(story: BackStory) -> str:
    apps = [item.app for item in story.rollbacks[:_LISTED]]
    environment = story.environment
    named = " ".join(apps)
    lines = [
        "### Forward again",
        "",
        "A newer version, once it is mended:",
        "",
        "```sh",
        f'tidegate release {named} --env {environment} --reason "…"',
        f"tidegate promote {named} --to {environment}",
        "```",
        "",
    ]
    return "\n".join(lines)
