"""Small whole stacks as articles have them, in `tests/stacks/`: nothing is found in those that are
right, and in those that are wrong exactly what their `expected.yaml` says, on its line."""

from __future__ import annotations

import io
import json
import os
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import yaml
from tests.support.gitops import BINARIES

from tidegate.cli.main import main

STACKS = Path(__file__).parents[1] / "stacks"
RIGHT = sorted(path.name for path in (STACKS / "right").iterdir())
WRONG = sorted(path.name for path in (STACKS / "wrong").iterdir())


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One check of all stacks, as a folder that belongs to nobody."""
    folder = tmp_path_factory.mktemp("stacks")
    shutil.copytree(STACKS, folder / "stacks")
    environ = {
        "XDG_CACHE_HOME": str(folder / "cache"),
        "PATH": os.pathsep.join([str(BINARIES), os.environ["PATH"]]),
    }
    out, err = io.StringIO(), io.StringIO()
    command = ["--root", str(folder / "stacks"), "check", "--format", "json"]
    with patch.dict(os.environ, environ), redirect_stdout(out), redirect_stderr(err):
        assert main(command) == 1, err.getvalue()
    return json.loads(out.getvalue())


def found(report: Any, stack: str) -> list[tuple[str, int, str, str]]:
    rows = [row for row in report["findings"] if row["file"].startswith(f"{stack}/")]
    return sorted(
        (row["file"].removeprefix(f"{stack}/"), row["line"], row["rule"], row["severity"])
        for row in rows
    )


@pytest.mark.parametrize("stack", RIGHT)
def test_nothing_is_found_in_what_is_right(report: Any, stack: str) -> None:
    assert found(report, f"right/{stack}") == []


@pytest.mark.parametrize("stack", WRONG)
def test_each_mistake_is_found_on_its_line(report: Any, stack: str) -> None:
    expected = yaml.safe_load((STACKS / "wrong" / stack / "expected.yaml").read_text("utf-8"))
    rows = [(row["file"], row["line"], row["rule"], row["severity"]) for row in expected]
    assert found(report, f"wrong/{stack}") == rows


def test_what_is_no_object_is_passed_over(report: Any) -> None:
    """Charts, values, schemas and compose files are nothing that anybody applies."""
    checked = [path for path in report["coverage"]["checked"] if path.startswith("right/platform")]
    assert "right/platform/pod.json" in checked
    assert not any("chart" in path or "openapi" in path or "compose" in path for path in checked)
