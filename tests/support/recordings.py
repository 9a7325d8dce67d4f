"""What a real Argo CD 3.5.1 said (tests/repos/argocd), as documents and as Applications."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tidegate.adapters.argocd import documents
from tidegate.domain.application import Application

FOLDER = Path(__file__).parents[1] / "repos" / "argocd"
OLD, OURS = "sha256:" + "a" * 64, "sha256:" + "b" * 64
IMAGE = "registry.example.com/recommender"


def answer(name: str) -> Any:
    """An answer of one document."""
    return json.loads((FOLDER / f"{name}.json").read_text("utf-8"))


def stream(name: str) -> list[tuple[float, Any]]:
    """A stream's frames, with the seconds since the refresh was asked for."""
    lines = (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()
    return [(line["seconds"], line["frame"]) for line in map(json.loads, lines)]


def single(name: str) -> Application:
    """An answer with one Application."""
    return _read(answer(name))


def frames(name: str) -> list[tuple[float, Application]]:
    """A stream's Applications, with the seconds since the refresh was asked for."""
    return [(seconds, _read(frame["result"]["application"])) for seconds, frame in stream(name)]


def _read(document: Any) -> Application:
    return documents.application(document, "argocd")
