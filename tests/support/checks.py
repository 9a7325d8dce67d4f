"""`check` as a command in a folder, and what its report says."""

from __future__ import annotations

import io
import json
import os
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

from tests.support.gitops import BINARIES

from tidegate.cli.main import main


class Checker:
    """The command in a folder, with a cache of its own."""

    def __init__(self, root: Path, cache: Path) -> None:
        self.root = root
        path = os.pathsep.join([str(BINARIES), os.environ["PATH"]])
        self._environ = {"XDG_CACHE_HOME": str(cache), "PATH": path}
        self.error = ""

    def __call__(self, *words: str, code: int = 0) -> Any:
        """The report of a check that ends with this exit code."""
        out, err = io.StringIO(), io.StringIO()
        command = ["--root", str(self.root), "check", "--format", "json", *words]
        with patch.dict(os.environ, self._environ), redirect_stdout(out), redirect_stderr(err):
            found = main(command)
        self.error = err.getvalue()
        assert found == code, out.getvalue() + self.error
        return json.loads(out.getvalue())


def places(report: Any) -> list[tuple[str, int, str]]:
    """File, line and rule of each finding."""
    return [(f["file"], f["line"], f["rule"]) for f in report["findings"]]


def replace(root: Path, path: str, old: str, new: str) -> None:
    """Edits a file that has `old`."""
    text = (root / path).read_text()
    assert old in text
    (root / path).write_text(text.replace(old, new))
