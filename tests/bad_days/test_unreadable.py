"""Files and folders that whoever runs Tidegate may not read: nothing passes for that."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

CONFIG_MAP = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: x}\n"
ENVIRONMENT = (
    "apiVersion: tidegate.dev/v1\nkind: Environment\npromotesFrom: {alias: champion}\ngates: []\n"
)
_RIGHTS = "-dac_override,-dac_read_search"


def as_a_user(*words: str) -> subprocess.CompletedProcess[str]:
    """Runs Tidegate by the permissions of files, which don't bind root."""
    prefix: list[str] = []
    if os.geteuid() == 0:
        setpriv = shutil.which("setpriv")
        if setpriv is None:
            pytest.skip("root may read everything, and there is no setpriv")
        prefix = [setpriv, f"--bounding-set={_RIGHTS}", f"--inh-caps={_RIGHTS}"]
    command = [*prefix, sys.executable, "-m", "tidegate", *words]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    overlay = tmp_path / "environments" / "dev" / "shop"
    policy = tmp_path / "policies" / "admission" / "x"
    for folder in (overlay, policy):
        folder.mkdir(parents=True)
    (overlay.parent / "environment.yaml").write_text(ENVIRONMENT)
    (overlay / "kustomization.yaml").write_text("resources: [a.yaml]\n")
    (overlay / "a.yaml").write_text(CONFIG_MAP)
    (policy / "policy.yaml").write_text("# none yet\n")
    return tmp_path


@pytest.mark.parametrize("in_git", [True, False])
@pytest.mark.parametrize("closed", ["policies/admission/x", "environments/dev/shop"])
@pytest.mark.parametrize("mode", [0o000, 0o444])
def test_what_lies_in_a_folder_that_nobody_may_read_is_not_passed_over(
    repository: Path, closed: str, mode: int, *, in_git: bool
) -> None:
    if in_git:
        for words in (["init", "-q"], ["add", "-A"]):
            subprocess.run(["git", *words], cwd=repository, check=True)
    (repository / closed).chmod(mode)
    told = as_a_user("check", "--no-cache", "--root", str(repository))
    (repository / closed).chmod(0o755)
    assert (told.returncode, told.stdout) == (3, ""), told.stderr
    assert f"{repository / closed}" in told.stderr
    assert "can't be read: Permission denied" in told.stderr
    assert "→ let the user who runs this read it" in told.stderr


def test_a_path_that_nobody_may_read_is_told(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    (closed / "inside").mkdir(parents=True)
    closed.chmod(0)
    codes = []
    for path in (closed, closed / "inside"):
        told = as_a_user("check", "--no-cache", str(path))
        codes.append(told.returncode)
        assert f"tidegate: {path} can't be read: Permission denied" in told.stderr
    closed.chmod(0o755)
    assert codes == [3, 2]
