"""The text of a pull request: short enough, and nothing from outside breaks out of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote

import pytest
from tests.support.markdown import Page, read

from tidegate.domain.app import Environment
from tidegate.domain.block import Block
from tidegate.domain.configuration import Configuration, Settings
from tidegate.domain.control_plane import ControlPlane
from tidegate.domain.difference import Change, FieldChange, ObjectChange
from tidegate.domain.ending import Ending
from tidegate.domain.evidence import Candidate
from tidegate.domain.gate import GateResult, Status, Verdict
from tidegate.domain.hold import Hold
from tidegate.domain.holding import Place
from tidegate.domain.image import ImageRef
from tidegate.domain.manifest import ObjectId
from tidegate.domain.model import ModelVersion
from tidegate.domain.promised import Kind, Promise, read_promise
from tidegate.domain.promotion import Promotion, Request
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.rollback import Rollback
from tidegate.domain.scan import Severity, Vulnerability
from tidegate.domain.story import (
    BackStory,
    Chapter,
    ClusterStep,
    HoldStory,
    ScanStep,
    Story,
)
from tidegate.report.pull_requests.back import write_back
from tidegate.report.pull_requests.body import write
from tidegate.report.pull_requests.fitting import LIMIT
from tidegate.report.pull_requests.holding import write_hold
from tidegate.report.pull_requests.links import compare_link, image_page

DIGEST = "sha256:" + "1" * 64
HOSTILE = (
    "a|b `c` <img src=x> --> </details> @all #1 [x](http://e) \n## h GH-1 ![p](http://p) \u202e"
)

ARGOCD = ControlPlane(server="argo.example:8443", root_path="/cd")
PROD = Environment("prod", None, "staging")


def story(word: str = "plain", many: int = 1, apps: int = 1) -> Story:
    """One with `word` wherever people or programs elsewhere can write something."""
    chapters = tuple(chapter(f"app-{number}", word, many) for number in range(apps))
    return Story(
        environment="prod",
        chapters=chapters,
        request=Request("prod", reason=word, requested_by=word),
        configuration=Configuration(
            Settings(registry_uri="https://u:secret@ml.example", argocd=ARGOCD), {}, {"prod": PROD}
        ),
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
    return Chapter(promotion, ClusterStep(objects, 3), ScanStep(found, found))


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
    assert read_promise(text).apps == {"app-0"}


def elements(page: Page) -> list[str]:
    """All but code spans: text that can't stand in one is escaped instead."""
    return [tag for tag in page.tags if tag != "code"]


@pytest.mark.parametrize("word", [HOSTILE, "x" * 5000, "\0\x1b[31m", "*_~" * 50])
def test_nothing_from_outside_breaks_out(word: str) -> None:
    page = read(write(story(word)))
    assert elements(page) == elements(read(write(story())))
    assert not re.search(r"(?<![\w`])[@#]\w", page.text)
    assert read_promise(write(story(word))).apps == {"app-0"}


@pytest.mark.parametrize(("many", "apps"), [(4000, 1), (10, 300), (1, 2000)])
def test_it_is_never_too_long(many: int, apps: int) -> None:
    text = write(story("é" * 20, many, apps))
    assert len(text.encode()) <= LIMIT
    assert "too long for this place" in text
    assert text.rstrip().endswith("-->")


def back_story(word: str = "plain", many: int = 1, apps: int = 1) -> BackStory:
    """A rollback, with `word` wherever somebody can write something."""
    when = datetime(2026, 11, 28, tzinfo=UTC)
    release = Release("x", "prod", word, "1", word, ImageRef("r/shop", "v1", DIGEST), {})
    rollbacks = tuple(
        Rollback(
            f"app-{number}",
            Ending.DONE,
            OverlayState(word, word, DIGEST, word),
            release,
            "b" * 40,
            Block(word, word, None, word, word, when),
            Hold(word, word, None, whole=False),
            (word,) * many,
            (word,) * many,
        )
        for number in range(apps)
    )
    clusters = {item.app: chapter(item.app, word, many).cluster for item in rollbacks}
    return BackStory("prod", rollbacks, clusters, word, word, "a" * 40)


def test_a_rollback_says_what_goes_back_and_how_to_go_forward_again() -> None:
    text = write_back(back_story())
    parts = ("no gate is asked", "| `app-0` |", "By plain:", "> plain", "is blocked by", "held by")
    ways = ("not verified", "Forward again", "tidegate release app-0 --env prod", "<details>")
    found = [text.index(part) for part in (*parts, *ways)]
    assert found == sorted(found)
    assert read_promise(text) == Promise(Kind.ROLLBACK, frozenset({"app-0"}))
    unseen = replace(back_story(), clusters={"app-0": ClusterStep(unseen="no kustomize")})
    assert "can't be shown: no kustomize" in write_back(unseen)


@pytest.mark.parametrize("word", [HOSTILE, "x" * 5000, "\0\x1b[31m", "*_~" * 50])
def test_nothing_breaks_out_of_a_rollback_s_text(word: str) -> None:
    page = read(write_back(back_story(word)))
    assert elements(page) == elements(read(write_back(back_story())))
    assert not re.search(r"(?<![\w`])[@#]\w", page.text)
    assert read_promise(write_back(back_story(word))).apps == {"app-0"}


@pytest.mark.parametrize(("many", "apps"), [(4000, 1), (1, 2000)])
def test_a_rollback_s_text_is_never_too_long(many: int, apps: int) -> None:
    text = write_back(back_story("é" * 20, many, apps))
    assert len(text.encode()) <= LIMIT
    assert read_promise(text).kind is Kind.ROLLBACK


def hold_story(word: str = "plain", verb: str = "hold") -> HoldStory:
    """A hold, or what lifts it, with `word` wherever somebody can write something."""
    when = datetime(2026, 11, 28, tzinfo=UTC)
    held, block = Hold(word, word, when, whole=False), Block(word, word, None, word, word, when)
    places = tuple(
        Place(app, Ending.DONE, held, held if verb == "hold" else None, True, (block,))
        for app in ("app-0", None)
    )
    return HoldStory(verb, "prod", places, word, word, "a" * 40)


@pytest.mark.parametrize("verb", ["hold", "release"])
def test_a_hold_says_who_holds_what_and_how_to_take_it_back(verb: str) -> None:
    text = write_hold(hold_story(verb=verb))
    assert "once this is merged" in text
    assert "until now: held by plain" in read(text).text
    other = {"hold": "release", "release": "hold"}[verb]
    assert f'tidegate {other} app-0 --env prod --reason "…"' in text
    assert read_promise(text) == Promise(Kind(verb), frozenset({"app-0"}))
    page = read(write_hold(hold_story(HOSTILE, verb)))
    assert elements(page) == elements(read(text))
    assert not re.search(r"(?<![\w`])[@#]\w", page.text)
    assert len(write_hold(hold_story("é" * 90_000, verb)).encode()) <= LIMIT


def test_the_registrys_password_is_not_in_its_links() -> None:
    text = write(story())
    assert "https://ml.example/#/models/plain/versions/2" in text
    assert "secret" not in text


def test_what_changes_is_a_difference_with_what_runs_first() -> None:
    image = FieldChange("spec.image", Change.CHANGED, "shop:1", "shop:2")
    more = FieldChange("metadata.labels.new", Change.ADDED, None, "```")
    gone = FieldChange("spec.old", Change.REMOVED, 3, None)
    known = ObjectId("v1", "Deployment", "shop", "shop")
    step = ClusterStep((ObjectChange(known, Change.CHANGED, (more, gone, image)),), 3)
    first = story()
    chapters = (replace(first.chapters[0], cluster=step),)
    text = write(replace(first, chapters=chapters))
    found = text[text.index("````diff") : text.index("</details>")].splitlines()
    assert found == [
        "````diff",
        f"@@ {known} @@",
        *("  spec.image", "- shop:1", "+ shop:2"),
        *("  metadata.labels.new", "+ ```"),
        *("  spec.old", "- 3"),
        "````",
        "",
    ]


def test_links_lead_to_version_run_and_applications() -> None:
    text = write(story(apps=2))
    assert "→ **[2](<https://ml.example/#/models/plain/versions/2>)**" in text
    assert "([run](<https://ml.example/#/runs/run>))" in text
    place = "https://argo.example:8443/cd/applications?labels=tidegate.dev%2Fenvironment%3Dprod"
    assert f"[Argo CD](<{place}>)" in text
    assert f"[Argo CD](<{place},tidegate.dev%2Fapp%3Dapp-0>)" in write(story())


def test_where_no_page_is_known_there_is_no_link() -> None:
    known = Configuration(Settings(registry_uri="sqlite:///mlflow.db"), {}, {"prod": PROD})
    text = write(replace(story(), configuration=known))
    assert "→ **2** |" in text
    assert "](" not in text.replace("](http://e)", "")


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
    assert read_promise(body).apps == frozenset()


def test_versions_of_one_model_are_compared_by_their_runs() -> None:
    told = story()
    new = replace(told.chapters[0].promotion.release, model="a b", version="2", run_id="r2")
    old = replace(new, version="1", run_id='r"1')
    link = compare_link(told, old, new)
    assert link.startswith("[compare](<https://ml.example/#/compare-model-versions?")
    query = parse_qs(link.removesuffix(">)").partition("?")[2])
    assert unquote(json.loads(query["name"][0])) == "a b"
    assert json.loads(query["runs"][0]) == {'r"1': "1", "r2": "2"}
    for other in (None, replace(old, model="c"), replace(old, run_id=None), new):
        assert compare_link(told, other, new) == ""


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("ghcr.io/acme/shop", "https://ghcr.io/acme/shop"),
        ("docker.io/acme/shop", "https://hub.docker.com/r/acme/shop"),
        ("europe-docker.pkg.dev/p/r/shop", "https://europe-docker.pkg.dev/p/r/shop"),
        ("registry.example.com/ml/shop", ""),
        ("evil.example/ghcr.io/shop", ""),
    ],
)
def test_images_of_public_registries_have_pages(name: str, page: str) -> None:
    assert image_page(name) == page
    told = story()
    promotion = told.chapters[0].promotion
    release = replace(promotion.release, image=ImageRef(name, "v2", "sha256:" + "a" * 64))
    chapters = (replace(told.chapters[0], promotion=replace(promotion, release=release)),)
    text = write(replace(told, chapters=chapters))
    assert (f"[`{name}:v2`](<{page}>)" if page else f"| `{name}:v2`<br>") in text
