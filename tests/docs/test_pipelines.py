"""The workflows and the GitLab template: sound by the linters of the field, and by our parser."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tidegate.cli.parser import COMMANDS, build

ROOT = Path(__file__).parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yaml"))
ACTION, TEMPLATE = ROOT / "action.yml", ROOT / "ci" / "gitlab" / "tidegate.yml"
COMMAND = re.compile(r"\btidegate ((?:--\S+ \S+ )*(?:" + "|".join(COMMANDS) + r")\b[^\n|>]*)")
PINNED = re.compile(r"[\w.-]+/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+")


def steps(path: Path) -> Iterator[dict[str, Any]]:
    """Every step of every job."""
    for job in yaml.safe_load(path.read_text("utf-8"))["jobs"].values():
        yield from job["steps"]


def test_zizmor_finds_nothing() -> None:
    binary = Path(sys.executable).with_name("zizmor")
    words = [str(binary), "--offline", "--pedantic", "--no-progress", "--quiet"]
    answer = subprocess.run(
        [*words, str(ROOT / ".github"), str(ACTION)], check=False, capture_output=True, text=True
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr
    everything = "".join(path.read_text("utf-8") for path in [*WORKFLOWS, ACTION])
    assert "zizmor: ignore" not in everything


def test_actionlint_finds_nothing() -> None:
    folders = os.pathsep.join([os.environ.get("TIDEGATE_TEST_BIN", ""), os.environ["PATH"]])
    binary = shutil.which("actionlint", path=folders)
    if binary is None:
        pytest.skip("actionlint is not in TIDEGATE_TEST_BIN or on PATH")
    answer = subprocess.run(
        [binary, *map(str, WORKFLOWS)], check=False, capture_output=True, text=True, cwd=ROOT
    )
    assert answer.returncode == 0, answer.stdout + answer.stderr


@pytest.mark.parametrize("path", [*WORKFLOWS, ACTION], ids=lambda path: path.name)
def test_every_action_is_pinned_to_a_commit(path: Path) -> None:
    used = re.findall(r"^ +(?:- )?uses: (.+)", path.read_text("utf-8"), re.MULTILINE)
    assert used
    assert [line for line in used if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_may_read_and_ends_in_time_and_runs_no_text_from_outside(path: Path) -> None:
    document = yaml.safe_load(path.read_text("utf-8"))
    assert document["permissions"] == {"contents": "read"}
    assert all(0 < job["timeout-minutes"] <= 60 for job in document["jobs"].values())
    assert [step["run"] for step in steps(path) if "${{" in step.get("run", "")] == []


def test_no_push_takes_the_place_of_another_that_waits_to_be_followed() -> None:
    """GitHub keeps one run that waits in a group, and each follows its own commits alone."""
    document = yaml.safe_load((ROOT / ".github" / "workflows" / "deliver.yaml").read_text("utf-8"))
    assert "${{ github.sha }}" in document["concurrency"]["group"]


@pytest.mark.parametrize("path", [*WORKFLOWS, TEMPLATE], ids=lambda path: path.name)
def test_every_command_is_one(path: Path) -> None:
    text = re.sub(r"\n +\| tee", " | tee", path.read_text("utf-8"))
    for line in COMMAND.findall(text):
        words = [word.strip('"') for word in line.split() if "[@]" not in word]
        words = ["1/1" if word == "$SHARD" else word for word in words]
        if "promote" in words and "--to" not in words:
            words += ["--to", "dev"]
        build(words).parse_args(words)


def test_a_release_is_of_a_commit_of_main(tmp_path: Path) -> None:
    release = next(path for path in WORKFLOWS if path.name == "release.yaml")
    (check,) = [s["run"] for s in steps(release) if "lies on main" in s.get("name", "")]
    who = {f"GIT_{r}_{k}": "a@b.c" for r in ("AUTHOR", "COMMITTER") for k in ("NAME", "EMAIL")}
    environ = {"PATH": os.environ["PATH"], "GITHUB_REF_NAME": "v1", **who}

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            words, cwd=tmp_path, env=environ, check=False, capture_output=True, text=True
        )

    run("git", "init", "-q")
    for text in ("tagged", "later"):
        run("git", "commit", "-q", "--allow-empty", "-m", text)
    run("git", "update-ref", "refs/remotes/origin/main", "HEAD")
    run("git", "checkout", "-q", "HEAD~1")
    assert run("bash", "-eo", "pipefail", "-c", check).returncode == 0
    run("git", "commit", "-q", "--allow-empty", "-m", "beside main")
    refused = run("bash", "-eo", "pipefail", "-c", check)
    assert (refused.returncode, "v1 is at a commit that main hasn't" in refused.stdout) == (1, True)


@pytest.mark.parametrize("where", ["GitHub", "GitLab"])
def test_registries_are_logged_in_to_where_there_are_logins(tmp_path: Path, where: str) -> None:
    environ = {"PATH": os.environ["PATH"], "HOME": str(tmp_path / "home")}
    if where == "GitHub":
        environ |= {"GITHUB_ENV": str(tmp_path / "env"), "RUNNER_TEMP": str(tmp_path / "temp")}
    script = [str(ROOT / "ci" / "registries")]
    subprocess.run(script, env={**environ, "DOCKER_AUTH_CONFIG": ""}, check=True)
    assert list(tmp_path.iterdir()) == []
    subprocess.run(script, env={**environ, "DOCKER_AUTH_CONFIG": '{"auths": {}}'}, check=True)
    folder = tmp_path / "home" / ".docker"
    if where == "GitHub":
        (name, _, told) = (tmp_path / "env").read_text("utf-8").rstrip().partition("=")
        assert name == "DOCKER_CONFIG"
        folder = Path(told)
    (file,) = folder.iterdir()
    assert (file.name, file.read_text("utf-8").rstrip()) == ("config.json", '{"auths": {}}')
    assert file.stat().st_mode & 0o77 == 0


def test_the_template_is_yaml_of_two_documents() -> None:
    head, jobs = yaml.safe_load_all(TEMPLATE.read_text("utf-8"))
    assert set(head["spec"]["inputs"]) == {"source", "commit", "image", "stage"}
    for name, job in jobs.items():
        assert name == ".tidegate" or job["extends"] == ".tidegate"
