"""The variant of docs/going-live.md for several clusters, as it stands there."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.support.checks import Checker
from tests.support.rules import ROOT

PAGE = ROOT / "docs" / "going-live.md"


def apply_variant(root: Path) -> None:
    """Applies the page's difference to a copy of the files."""
    (difference,) = re.findall(r"^```diff\n(.*?)^```$", PAGE.read_text("utf-8"), re.M | re.S)
    command = ["git", "apply", "--unidiff-zero", "-"]
    subprocess.run(command, cwd=root, input=difference, text=True, check=True)


def test_the_variant_passes_the_check(tmp_path: Path) -> None:
    root = tmp_path / "repository"
    for folder in ("apps", "environments", "policies"):
        shutil.copytree(ROOT / folder, root / folder)
    shutil.copy(ROOT / "tidegate.yaml", root)
    folder = root / "environments/prod/digits"
    (folder / "release.yaml").write_text("# that it is there is all that counts\n")
    apply_variant(root)
    subprocess.run(["git", "init", "-q"], cwd=root, check=True)
    report = Checker(root, tmp_path / "cache")(str(root / "environments/prod/argocd"))
    assert report["findings"] == []
    assert report["coverage"]["checked"] == ["environments"]
