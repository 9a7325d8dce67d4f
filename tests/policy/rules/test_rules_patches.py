"""Entries of a kustomization's `patches`, held against what is rendered with them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.support.rules import findings

from tidegate.domain.finding import Severity
from tidegate.domain.patch_target import deletes, patch_targets

OBJECTS = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: team-triton-v2}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings-6b7f5d8c9k}
"""


def told(patches: str, more: str = "") -> list[tuple[Any, str]]:
    """What is said of entries of `patches` where these objects are there at the end."""
    fields = yaml.safe_load(f"{{patches: [{patches}]{more}}}")
    found = findings(OBJECTS, rule="patch-target", patches=tuple(patch_targets(fields)))
    assert all((v.severity, v.object) == (Severity.WARN, None) for v in found)
    return [(v.field[1], v.message) for v in found]


@pytest.mark.parametrize(
    "target",
    [
        "{kind: Deployment, name: triton}",
        "{kind: Deployment}",
        "{name: team-triton}",
        "{kind: ConfigMap, name: settings}",
        "{group: apps, version: v1, kind: Deployment, name: triton, namespace: other}",
        # Regular expressions, labels alone, and what kustomize itself refuses.
        "{kind: Deployment|StatefulSet, name: nobody}",
        "{kind: Deployment, name: nobody.*}",
        "{labelSelector: app=nobody}",
        "{}",
        "a",
        "{kind: 1, name: nobody}",
    ],
)
def test_a_target_that_may_fit(target: str) -> None:
    assert told(f"{{target: {target}, path: a.yaml}}") == []


NOBODY = "{target: {kind: Deployment, name: tritn}, path: a.yaml}"
TOLD = "patches is for the Deployment 'tritn', of which this overlay has none: it changes nothing"


def test_a_target_that_fits_nothing() -> None:
    kind = "{target: {kind: Deploymnet}, path: a.yaml}"
    assert told(f"{{path: b.yaml}}, {NOBODY}, {kind}") == [
        (1, TOLD),
        (
            2,
            "patches is for objects of the kind Deploymnet, of which this overlay has none: "
            "it changes nothing; did you mean 'Deployment'?",
        ),
    ]


@pytest.mark.parametrize(
    ("beside", "more"),
    [
        ("", ", kind: Component"),
        ("", ", transformers: [a.yaml]"),
        ("", ", replacements: [{path: a.yaml}]"),
        ("", ", replacements: [{targets: [{fieldPaths: [metadata.name]}]}]"),
        (", {patch: '{kind: A, $patch: delete}'}", ""),
        (", {path: b.yaml, options: {allowNameChange: true}}", ""),
        (", b", ""),
    ],
)
def test_nothing_is_said_where_objects_may_have_been_renamed(beside: str, more: str) -> None:
    assert told(f"{NOBODY}{beside}", more) == []


def test_which_patches_take_an_object_away() -> None:
    assert deletes("kind: A\n$patch: delete\n")
    assert deletes('{"$patch": "delete"}')
    assert not deletes("$patch: replace")
