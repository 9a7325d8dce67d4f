"""The sentences that the gates' pages promise are the ones that the gates say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.support.waivers import waiver

from tidegate.domain.app import App, Direction, Environment, GateSpec, Metric
from tidegate.domain.block import Block
from tidegate.domain.evidence import Candidate, Evidence, PolicyEvidence
from tidegate.domain.finding import Severity as Denial
from tidegate.domain.finding import Violation
from tidegate.domain.gate import Status, Verdict
from tidegate.domain.hold import Hold
from tidegate.domain.image import ImageRef
from tidegate.domain.live import Live
from tidegate.domain.location import Location
from tidegate.domain.manifest import ObjectId
from tidegate.domain.model import ModelVersion, Run
from tidegate.domain.release import OverlayState, Release
from tidegate.domain.rendering import Rendering
from tidegate.domain.scan import Scan, Severity, Vulnerability
from tidegate.domain.soak import Soak
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.waiver import Subject
from tidegate.gates import judge

GATES = Path(__file__).parents[2] / "docs" / "gates"
NOW = datetime(2026, 11, 22, 17, 44, tzinfo=UTC)
IMAGE = ImageRef("registry.example.com/ml/digits", "v2", "sha256:" + "2" * 64)
METRICS = (
    Metric("accuracy", Direction.HIGHER),
    Metric("log_loss", Direction.LOWER, "nats"),
)
APP = App("digits", "digits", IMAGE.name, METRICS, ("team-mail-room",))
HOLE = Vulnerability("CVE-2023-50447", "pillow", "9.5.0", "10.2.0", Severity.CRITICAL)
CLEAN = Scan(str(IMAGE.digest), (), 5, "trivy 0.76.0", NOW)
LOSS = {"margin": {"relative": 0.01}}


def release(version: str, environment: str = "prod") -> Release:
    image = replace(IMAGE, tag=f"v{version}", digest="sha256:" + version * 64)
    return Release("digits", environment, "digits", version, "run", image)


PROD = Environment("prod", None, "staging")
DEV = Environment("dev", "candidate", None)
GOOD = Evidence(
    app=APP,
    environment=PROD,
    candidate=Candidate(ModelVersion("digits", "2", "run", ""), IMAGE),
    champion=None,
    upstream=release("2", "staging"),
    now=NOW,
    run=Run("run", {"accuracy": 0.984701, "log_loss": 0.379493, "example_count": 719}),
    scan=CLEAN,
    rendering=Rendering((), (), frozenset({str(IMAGE)}), 7),
)
LOW = replace(GOOD, run=Run("run", {"accuracy": 0.970793}))
AGAINST_1 = replace(GOOD, champion=release("1"), champion_run=Run("old", {"accuracy": 0.970793}))
AGAINST_2 = replace(GOOD, champion=release("2"), champion_run=Run("old", {"log_loss": 0.0672021}))
MOVED = {"kind": "Service", "metadata": {"name": "digits", "annotations": {"model-version": "1"}}}
ANNOTATED = {"kind": "Service", "metadata": {"name": "digits", "annotations": {}}}

REGISTRY = "the registry docker.io is not allowed"
DOCKER = Violation(
    "image-registry", Denial.DENY, REGISTRY,
    ObjectId("apps/v1", "Deployment", "digits", "digits"),
    ("spec", "template", "spec", "containers", 0, "image"),
)  # fmt: skip
PILLOW = waiver(
    subject=Subject.VULNERABILITY, name=HOLE.id, apps=("digits",), expires=NOW + timedelta(days=9)
)
HUB = replace(PILLOW, subject=Subject.RULE, name="image-registry")

FREEZE = {"kind": "deny", "timeZone": "Europe/Berlin"}
CHRISTMAS = {
    **FREEZE, "schedule": "0 0 20 dec *", "duration": "336h",
    "description": "nothing moves over Christmas",
}  # fmt: skip
OFFICE = {**FREEZE, "kind": "allow", "schedule": "0 9 * * mon-thu", "duration": "8h"}
EVE = replace(GOOD, now=datetime(2026, 12, 24, 12, tzinfo=UTC))

SOAK = Soak(str(IMAGE.digest), Live.LIVE, "", NOW - timedelta(days=1), timedelta(days=3))

SAID: list[tuple[str, Mapping[str, Any], Evidence, Status]] = [
    ("threshold", {"metric": "accuracy", "minimum": 0.95}, GOOD, Status.PASSED),
    ("threshold", {"metric": "accuracy", "minimum": 0.99}, LOW, Status.FAILED),
    ("champion", {"metric": "accuracy", **LOSS}, AGAINST_1, Status.PASSED),
    ("champion", {"metric": "log_loss", **LOSS}, AGAINST_2, Status.FAILED),
    ("champion", {"metric": "accuracy"}, replace(GOOD, environment=DEV), Status.SKIPPED),
    ("sample_size", {"minimum": 300}, GOOD, Status.PASSED),
    ("sample_size", {"minimum": 1000}, GOOD, Status.FAILED),
    ("order", {}, GOOD, Status.PASSED),
    ("order", {}, replace(GOOD, upstream=release("1", "staging")), Status.FAILED),
    ("order", {}, replace(GOOD, environment=DEV), Status.SKIPPED),
    ("scan", {"highest": "HIGH"}, GOOD, Status.PASSED),
    ("scan", {"highest": "HIGH"}, replace(GOOD, scan=replace(CLEAN, vulnerabilities=(HOLE,))),
     Status.FAILED),
    ("scan", {"highest": "HIGH"}, replace(GOOD, scan=replace(CLEAN, vulnerabilities=(HOLE,)),
                                          waivers=(PILLOW,)), Status.WAIVED),
    ("policy", {}, replace(GOOD, findings=PolicyEvidence((DOCKER,), (DOCKER,))), Status.PASSED),
    ("policy", {}, replace(GOOD, findings=PolicyEvidence((), (DOCKER,))), Status.FAILED),
    ("policy", {}, replace(GOOD, findings=PolicyEvidence((), (DOCKER,)), waivers=(HUB,)),
     Status.WAIVED),
    ("render", {}, replace(GOOD, rendering=Rendering(
        (ANNOTATED,), (MOVED,), frozenset({str(IMAGE)}), 7)), Status.FAILED),
    ("soak", {"for": "24h"}, replace(GOOD, soak=SOAK), Status.PASSED),
    ("soak", {"for": "24h"}, replace(GOOD, soak=replace(SOAK, healthy=timedelta(minutes=200))),
     Status.FAILED),
    ("soak", {"for": "24h"}, replace(GOOD, soak=replace(
        SOAK, kind=Live.WAITING, reason="its health is Progressing")), Status.FAILED),
    ("soak", {"for": "24h"}, replace(GOOD, soak=replace(SOAK, digest="sha256:0")), Status.FAILED),
    ("soak", {"for": "24h"}, replace(GOOD, soak=Unavailable("Argo CD does not answer")),
     Status.ERRORED),
    ("soak", {"for": "24h"}, replace(GOOD, environment=DEV), Status.SKIPPED),
    ("window", {"windows": [CHRISTMAS]}, GOOD, Status.PASSED),
    ("window", {"windows": [OFFICE, CHRISTMAS]}, EVE, Status.FAILED),
    ("window", {"windows": [OFFICE, CHRISTMAS]}, GOOD, Status.FAILED),
]  # fmt: skip


@pytest.mark.parametrize(
    ("gate", "settings", "evidence", "status"), SAID, ids=lambda value: str(value)[:30]
)
def test_the_page_quotes_the_gate(
    gate: str, settings: Mapping[str, Any], evidence: Evidence, status: Status
) -> None:
    spec = GateSpec(gate, settings, Location("environment.yaml"))
    result = verdict(spec, evidence).results[-1]
    page = (GATES / f"{gate}.md").read_text("utf-8")
    assert result.status is status
    assert f"| {status.value} |" in page
    assert f"`{result.sentence}`" in page
    for detail in result.details if not result.waivers else ():
        assert detail in page


def test_the_page_of_block_quotes_it() -> None:
    since = datetime(2026, 11, 28, 16, 31, tzinfo=UTC)
    block = Block("digits", "2", None, "Ann", "answers take twice as long", since)
    page = (GATES / "block.md").read_text("utf-8")
    for found in (block, replace(block, digest=IMAGE.digest)):
        (result,) = verdict(None, replace(GOOD, blocks=(found,))).results
        assert result.status is Status.FAILED
        assert f"`{result.sentence}`" in page
        assert f"`{result.details[0].removeprefix('to lift it: ')} --reason TEXT`" in page
    others = (
        replace(block, version="3"),
        replace(block, model="other"),
        replace(block, digest="sha256:" + "9" * 64),
    )
    assert verdict(None, replace(GOOD, blocks=others)).results == ()


def test_the_page_of_hold_quotes_it() -> None:
    until = datetime(2099, 11, 30, 8, tzinfo=UTC)
    hold = Hold("on-call", "stock-taking weekend", until, whole=True)
    (result,) = verdict(None, replace(GOOD, holds=(hold,))).results
    assert result.status is Status.FAILED
    assert f"`{result.sentence}`" in (GATES / "hold.md").read_text("utf-8")
    ended = replace(hold, until=NOW - timedelta(seconds=1))
    assert verdict(None, replace(GOOD, holds=(ended,))).results == ()


def test_the_page_of_record_quotes_it() -> None:
    champion = release("2")
    edited = OverlayState(champion.image.name, "v1", champion.image.digest, champion.version)
    (result,) = verdict(None, replace(GOOD, champion=champion, overlay=edited)).results
    page = (GATES / "record.md").read_text("utf-8")
    assert result.status is Status.ERRORED
    assert f"`{result.sentence}`" in page
    assert result.details[0] in page


def verdict(spec: GateSpec | None, evidence: Evidence) -> Verdict:
    return judge([spec] if spec else [], evidence)
