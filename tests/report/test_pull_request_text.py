"""The text of a pull request: short enough, and nothing from outside breaks out of it."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from tests.support.markdown import Page, read

from tidegate.domain.app import App, Direction, Metric
from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.difference import Change, FieldChange, ObjectChange
from tidegate.domain.evidence import Candidate
from tidegate.domain.gate import GateResult, Status, Verdict
from tidegate.domain.image import ImageRef
from tidegate.domain.manifest import ObjectId
from tidegate.domain.model import ModelVersion
from tidegate.domain.promised import promised_apps
from tidegate.domain.promotion import Promotion, Request
from tidegate.domain.release import Release
from tidegate.domain.scan import Severity, Vulnerability
from tidegate.domain.story import Chapter, ScanStep, Story
from tidegate.report.pull_requests.body import LIMIT, write

HOSTILE = (
    "a|b `c` <img src=x> --> </details> @all #1 [x](http://e) \n## h GH-1 ![p](http://p) \u202e"
)


def story(word: str = "plain", many: int = 1, apps: int = 1) -> Story:
    """One with `word` wherever people or programs elsewhere can write something."""
    chapters = tuple(chapter(f"app-{number}", word, many) for number in range(apps))
    return Story(
        title=f"promote(prod): {word}",
        environment="prod",
        chapters=chapters,
        request=Request("prod", reason=word, requested_by=word),
        configuration=Configuration(Settings(registry_uri="https://u:secret@ml.example"), {}, {}),
        revision="a" * 40,
    )


def chapter(name: str, word: str, many: int) -> Chapter:
    image = ImageRef("registry.example/shop", "t1", "sha256:" + "1" * 64)
    version = ModelVersion(word, "2", "run", "s3://models")
    release = Release(
        name,
        "prod",
        word,
        "2",
        "run",
        image,
        {"metrics": {word: 0.5}, "champion": {"version": "1"}},
    )
    results = tuple(GateResult(f"{word}{n}", Status.PASSED, word) for n in range(many))
    promotion = Promotion(
        app=name,
        environment="prod",
        candidate=Candidate(version, image, (word,)),
        champion=None,
        verdict=Verdict(results),
        release=release,
        evidence_digest="sha256:" + "2" * 64,
        edits={},
    )
    changes = tuple(FieldChange(f"{word}.{n}", Change.CHANGED, word, word) for n in range(many))
    objects = (ObjectChange(ObjectId("v1", word, word, word), Change.CHANGED, changes),)
    found = tuple(Vulnerability(word, word, word, word, Severity.HIGH, word) for _ in range(many))
    app = App(name, word, "image", (Metric(word, Direction.HIGHER),), ())
    return Chapter(app, promotion, objects, 3, "", ScanStep(found, found))


def test_what_a_reviewer_needs_is_there_in_this_order() -> None:
    text = write(story())
    found = [
        text.index(part)
        for part in (
            "| app |",
            "Verdict: passes every gate",
            "On merge",
            "tidegate rollback",
            "<details>",
        )
    ]
    assert found == sorted(found)
    assert promised_apps(text) == {"app-0"}


def elements(page: Page) -> list[str]:
    """All but code spans: text that can't stand in one is escaped instead."""
    return [tag for tag in page.tags if tag != "code"]


@pytest.mark.parametrize("word", [HOSTILE, "x" * 5000, "\0\x1b[31m", "*_~" * 50])
def test_nothing_from_outside_breaks_out(word: str) -> None:
    page = read(write(story(word)))
    assert elements(page) == elements(read(write(story())))
    assert not re.search(r"(?<![\w`])[@#]\w", page.text)
    assert promised_apps(write(story(word))) == {"app-0"}


@pytest.mark.parametrize(("many", "apps"), [(4000, 1), (10, 300), (1, 2000)])
def test_it_is_never_too_long(many: int, apps: int) -> None:
    text = write(story("é" * 20, many, apps))
    assert len(text.encode()) <= LIMIT
    assert "too long for this place" in text
    assert text.rstrip().endswith("-->")


def test_the_registrys_password_is_not_in_its_links() -> None:
    text = write(story())
    assert "https://ml.example/#/models/plain/versions/2" in text
    assert "secret" not in text


def test_waivers_are_in_plain_sight() -> None:
    first = story()
    promotion = first.chapters[0].promotion
    waived = Verdict((GateResult("scan", Status.WAIVED, "one is waived"),))
    chapters = (replace(first.chapters[0], promotion=replace(promotion, verdict=waived)),)
    text = write(replace(first, chapters=chapters))
    assert "passes with waivers" in text
    assert "Somebody takes responsibility for `scan`" in text


@pytest.mark.parametrize(
    "body",
    ["", "<!-- tidegate:promotion {} -->", '<!-- tidegate:promotion {"apps":3} -->', "{" * 9],
)
def test_a_damaged_block_promises_nothing(body: str) -> None:
    assert promised_apps(body) == frozenset()
