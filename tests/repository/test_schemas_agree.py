"""The quick validator accepts nothing that the explaining one refuses."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tidegate.repository.schemas import KINDS, _compiled, _fits, _validator
from tidegate.repository.yaml import load

ROOT = Path(__file__).resolve().parents[2]
SAMPLES = {
    "settings": ROOT / "tidegate.yaml",
    "app": ROOT / "apps/digits/app.yaml",
    "environment": ROOT / "environments/prod/environment.yaml",
    "gate-set": ROOT / "policies/gates/serving.yaml",
    "waivers": ROOT / "policies/waivers/serving.yaml",
}
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1.5,
    10**400,
    math.nan,
    math.inf,
    "",
    "1",
    "a\n",
    "٣",
    "é" * 300,
    "\ud800",
    [],
    [None],
    {},
    {"x": 1},
)


def changed(value: Any, root: Any) -> Iterator[Any]:
    """Copies of a document with one thing in it replaced, left out or added."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in list(items):
        for odd in ODD:
            value[key] = odd
            yield copy.deepcopy(root)
        value[key] = item
        if isinstance(value, dict):
            del value[key]
            value[f"{key}x"] = item
            yield copy.deepcopy(root)
            del value[f"{key}x"]
            value[key] = item
        if isinstance(item, dict | list):
            yield from changed(item, root)


@pytest.mark.parametrize("kind", SAMPLES)
def test_it_accepts_nothing_that_the_other_refuses(kind: str) -> None:
    whole = load("sample.yaml", SAMPLES[kind].read_bytes()).data
    assert _fits(kind, whole)
    slow = _validator(kind)
    judged = [(_fits(kind, sample), slow.is_valid(sample)) for sample in changed(whole, whole)]
    assert (True, False) not in judged
    assert {(True, True), (False, False)} <= set(judged)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_compiled(kind: str) -> None:
    assert _compiled(kind) is not None
