"""The text of a pull request that holds something, or lets it go."""

from __future__ import annotations

from collections.abc import Iterator

from tidegate.domain.holding import Place
from tidegate.domain.promised import Kind
from tidegate.domain.story import HoldStory
from tidegate.domain.text import one_line
from tidegate.report import words
from tidegate.report.escape import code, prose
from tidegate.report.pull_requests.fitting import fit, promise

_LISTED = 15
_TITLES = {
    "hold": "A hold: no promotion passes",
    "release": "A hold is lifted: promotions may pass",
}


def write_hold(story: HoldStory) -> str:
    """Markdown of at most 60,000 bytes, whatever comes in; see `body.write`."""
    items = [{"app": place.app, "environment": story.environment} for place in story.places]
    block = promise(Kind(story.verb), items, story.revision)
    whole = f"`tidegate {story.verb} … --env {story.environment} --dry-run`"
    places = (_place(place, story) for place in story.places)
    return fit([_head(story), *places, _back(story)], whole, block)


def _head(story: HoldStory) -> str:
    where = f"{_TITLES[story.verb]} in {code(story.environment)}"
    lines = [
        f"**{where} once this is merged. What runs there stays as it is.**",
        "",
        f"By {prose(one_line(story.by, 100))}:",
        "",
        f"> {prose(one_line(story.reason, 500))}",
    ]
    return "\n".join([*lines, ""])


def _place(place: Place, story: HoldStory) -> str:
    title = code(place.app) if place.app else "every app, and those that are to come"
    lines = [f"### {title} in {code(story.environment)}", ""]
    return "\n".join([*lines, *(f"- {prose(text)}" for text in _changes(place)), ""])


def _changes(place: Place) -> Iterator[str]:
    if place.after:
        yield words.held(place.after)
    if place.before:
        yield f"until now: {words.held(place.before)}"
    if place.unreadable:
        yield "its hold.yaml can't be read"
    for block in place.lifted:
        yield f"lifted: {words.blocked(block)}"


def _back(story: HoldStory) -> str:
    other = "release" if story.verb == "hold" else "hold"
    apps = " ".join(place.app for place in story.places[:_LISTED] if place.app) or "--all"
    command = f'tidegate {other} {apps} --env {story.environment} --reason "…"'
    return "\n".join(["To take that back:", "", "```sh", command, "```", ""])
