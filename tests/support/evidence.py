"""Evidence with plain values, for tests of gates and of what is reported about them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from tidegate.domain.app import App, Direction, Environment, GateSpec, Metric
from tidegate.domain.evidence import Candidate, Evidence
from tidegate.domain.gate import GateResult
from tidegate.domain.image import ImageRef
from tidegate.domain.location import Location
from tidegate.domain.model import ModelVersion, Run
from tidegate.domain.release import Release
from tidegate.gates import judge

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
DIGEST, OTHER = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = ImageRef("registry.example.com/shop/model", "v2", DIGEST)
APP = App(
    name="shop",
    model="shop-model",
    image="model",
    metrics=(
        Metric("auc", Direction.HIGHER),
        Metric("latency", Direction.LOWER, "ms"),
    ),
    owners=("team",),
)
DEV = Environment("dev", alias="candidate", previous=None)
PROD = Environment("prod", alias=None, previous="staging")
VERSION = ModelVersion("shop-model", "2", "run-2", "models:/shop-model/2")
CANDIDATE = Candidate(VERSION, IMAGE)


def release(version: str = "1", digest: str = OTHER, **more: Any) -> Release:
    """A release of the app in prod."""
    image = ImageRef(IMAGE.name, f"v{version}", digest)
    values: dict[str, Any] = {"model": "shop-model", "run_id": f"run-{version}", **more}
    return Release("shop", "prod", version=version, image=image, **values)


def evidence(
    metrics: Mapping[str, float] | None = None,
    beside: Mapping[str, float] | None = None,
    **more: Any,
) -> Evidence:
    """Evidence about version 2 in prod: the candidate's metrics, and beside
    them those of the champion, version 1."""
    values: dict[str, Any] = {
        "app": APP,
        "environment": PROD,
        "candidate": CANDIDATE,
        "champion": None if beside is None else release(),
        "upstream": None,
        "now": NOW,
        "run": Run("run-2", metrics or {}),
        "champion_run": None if beside is None else Run("run-1", beside),
    }
    return Evidence(**(values | more))


def spec(gate: str, **settings: Any) -> GateSpec:
    """A gate with its settings."""
    return GateSpec(gate, settings, Location("gates.yaml", 1, 1))


def ask(gate: GateSpec, known: Evidence) -> GateResult:
    """One gate's answer, through the judge."""
    (result,) = judge([gate], known).results
    return result
