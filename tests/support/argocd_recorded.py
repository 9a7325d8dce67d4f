"""Answers that a real Argo CD gave, where they are at hand."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
VARIABLE = "TIDEGATE_ARGOCD_RECORDED"


def recorded(name: str) -> Any:
    """A recorded answer, or the frames of a recorded stream. Skips the test where there is none."""
    named = os.environ.get(VARIABLE)
    folders = [Path(named)] if named else [up / "shared/recorded/argocd" for up in ROOT.parents]
    path = next((folder / name for folder in folders if (folder / name).is_file()), None)
    if path is None:
        pytest.skip(f"no recorded answers of an Argo CD: name their folder in {VARIABLE}")
    text = path.read_text("utf-8")
    if path.suffix == ".jsonl":
        return [json.loads(line)["frame"] for line in text.splitlines()]
    return json.loads(text)
