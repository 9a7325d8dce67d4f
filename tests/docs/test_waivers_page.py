"""The page about waivers: its examples are read as it says, and its sentences are ours."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from tests.docs.test_gate_pages import AGAINST_1, NOW
from tests.support.snapshots import snapshot

from tidegate.domain.app import GateSpec
from tidegate.domain.configuration import Configuration
from tidegate.domain.gate import Status
from tidegate.domain.location import Location
from tidegate.domain.model import Run
from tidegate.domain.waiver import Subject, Waiver
from tidegate.errors import ConfigurationError
from tidegate.gates import judge
from tidegate.policy.waivers import RULES
from tidegate.repository.configuration import load_configuration
from tidegate.repository.waivers import read_waivers

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "waivers.md").read_text("utf-8")
FILE = "policies/waivers/serving.yaml"
EXAMPLE = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)[0]


def configuration() -> Configuration:
    """The sample repository's own, as it is."""
    found = [path for name in ("apps", "environments", "policies")
             for path in (ROOT / name).rglob("*.yaml")]  # fmt: skip
    return load_configuration(
        snapshot({path.relative_to(ROOT).as_posix(): path.read_bytes() for path in found})
    )


def read(text: str, known: Configuration) -> tuple[Waiver, ...]:
    return read_waivers(snapshot({FILE: text}), known, NOW, ["spread"])


def test_the_example_is_right_in_this_very_repository() -> None:
    found = read(EXAMPLE, configuration())
    assert [waiver.subject for waiver in found] == [
        Subject.GATE, Subject.VULNERABILITY, Subject.RULE
    ]  # fmt: skip
    assert all(waiver.active(NOW) for waiver in found)


def test_the_error_that_is_shown_is_what_is_said() -> None:
    known = configuration()
    strict = {**known.environments, "prod": replace(known.environments["prod"], waiver_days=30)}
    text = EXAMPLE.replace("2026-12-15", "2027-03-01")
    with pytest.raises(ConfigurationError) as caught:
        read(text, replace(known, environments=strict))
    assert f"tidegate: {caught.value.problems[0]}\n" in PAGE


def test_the_report_that_is_shown_is_what_is_said() -> None:
    waivers = read(EXAMPLE, configuration())
    known = replace(
        AGAINST_1,
        run=Run("run", {"log_loss": 0.379493}),
        champion_run=Run("old", {"log_loss": 0.0672021}),
        waivers=waivers[:1],
    )
    spec = GateSpec("champion", {"metric": "log_loss"}, Location("environment.yaml"))
    (result,) = judge([spec], known).results
    assert result.status is Status.WAIVED
    assert f"waived  {result.gate}  {result.sentence}\n" in PAGE
    assert f" {result.details[0]}\n" in PAGE


def test_every_rule_about_waivers_is_listed() -> None:
    for rule in RULES:
        assert f"| `{rule}` | Warn |" in PAGE


def test_what_is_configured_here_is_not_stale() -> None:
    for path in (ROOT / "policies" / "waivers").glob("*"):
        assert read(path.read_text("utf-8"), configuration()) == ()
