"""`tidegate policies`, on this repository and on one with a mistake in it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator
from tests.support import catalogue
from tests.support.catalogue import POLICIES

from tidegate.cli.main import main
from tidegate.policy.rules import RULES
from tidegate.repository.schemas import schema


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return catalogue.clone(tmp_path_factory.mktemp("clone"), "apps", "environments", "policies")


def run(clone: Path, *arguments: str) -> int:
    return main(["policies", *arguments, "--root", str(clone)])


def test_every_rule_is_listed(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(clone, "list") == 0
    shown = capsys.readouterr().out
    for name in (*POLICIES, *RULES):
        assert name in shown
    assert f"{len(POLICIES) + len(RULES)} rules; {len(RULES)} of them look" in shown


@pytest.mark.parametrize("arguments", [["list"], ["show", "host-path"]])
def test_reports_fit_their_schema(
    clone: Path, arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(clone, *arguments, "--format", "json") == 0
    Draft202012Validator(schema("report")).validate(json.loads(capsys.readouterr().out))


def test_a_name_that_is_mistyped(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(clone, "show", "host-paht") == 2
    assert "did you mean 'host-path'?" in capsys.readouterr().err


def test_every_example_is_as_it_should_be(clone: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(clone, "test", "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    Draft202012Validator(schema("report")).validate(report)
    assert report["exitCode"] == 0


def test_it_reads_what_is_being_edited_and_fails_when_an_example_does(
    clone: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = clone / "policies" / "admission" / "host-path"
    kept = (folder / "fails.yaml").read_text("utf-8")
    (folder / "fails.yaml").write_text((folder / "passes.yaml").read_text("utf-8"), "utf-8")
    try:
        assert run(clone, "test") == 1
    finally:
        (folder / "fails.yaml").write_text(kept, "utf-8")
    shown = capsys.readouterr().out
    assert "policies/admission/host-path/fails.yaml:2:1: host-path: Deployment" in shown
    assert "should fail, and passes" in shown
    assert "1 is not as it should be." in shown
