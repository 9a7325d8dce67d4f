"""Entries of a kustomization's `images`, held against what is rendered with them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from tests.support.rules import findings

from tidegate.domain.finding import Severity
from tidegate.domain.image_entry import image_entries

DIGEST = f"sha256:{'0' * 64}"


def told(images: str, *running: str, more: str = "", rest: str = "") -> list[tuple[Any, str]]:
    """What is said of entries of `images` where these images run at the end."""
    containers = ", ".join(f"{{name: c{n}, image: '{image}'}}" for n, image in enumerate(running))
    text = f"""---
apiVersion: apps/v1
kind: Deployment
metadata: {{name: a}}
spec: {{template: {{spec: {{containers: [{containers}]}}}}}}
{rest}"""
    fields = yaml.safe_load(f"{{images: [{images}]{more}}}")
    entries = tuple(image_entries(fields))
    found = findings(text, rule="image-entry", images=entries)
    assert found == findings(text, rule="image-entry", images=entries, environment=None)
    assert all((v.severity, v.object) == (Severity.WARN, None) for v in found)
    return [(v.field[1], v.message.partition(", and ")[2]) for v in found]


@pytest.mark.parametrize(
    ("images", "running"),
    [
        ("{name: shop/web, newTag: '2'}", "shop/web:2"),
        ("{name: shop/web, newTag: '2'}", f"shop/web:2@{DIGEST}"),
        ("{name: web, newName: r.io:5000/web, newTag: '2'}", "r.io:5000/web:2"),
        ("{name: web, newName: r.io/web}", "r.io/web"),
        ("{name: web, newName: r.io/web}", "r.io/web:1"),
        (f"{{name: web, digest: '{DIGEST}'}}", f"web@{DIGEST}"),
        (f"{{name: web, newTag: '2', digest: '{DIGEST}'}}", f"web:2@{DIGEST}"),
        ("{name: web, tagSuffix: -alpine}", "web:1-alpine"),
        ("{Name: web, NewTag: '2'}", "web:2"),
        ("{name: web, newTag: '${TAG}'}", "web:${TAG}"),
        # One after the other.
        ("{name: web, newName: a}, {name: a, newTag: '2'}", "a:2"),
        # A regular expression, what names a tag, what changes nothing, and what can't be read.
        ("{name: '.*/web', newTag: '2'}", "r.io/web:2"),
        ("{name: 'web:1', newTag: '2'}", "other:2"),
        ("{name: webb}", "web"),
        ("null, web, {name: 1, newTag: '2'}, {newTag: '2'}", "web"),
    ],
)
def test_an_entry_that_fits_an_image(images: str, running: str) -> None:
    assert told(images, "first", running) == []


NOBODY = "no container of this overlay runs it"
LEFT = "kustomize leaves it as it is: '%s' is nowhere in this overlay"


@pytest.mark.parametrize(
    ("images", "running", "words"),
    [
        ("{name: wbe, newTag: '2'}", "web:1", f"{NOBODY}; did you mean 'web'?"),
        ("{name: r.io/web, newTag: '2'}", "web:2", NOBODY),
        ("{name: web, newTag: '2'}", "a-web-exporter:2", NOBODY),
        (
            "{name: shop/wbe, newName: r.io/web, newTag: '2'}",
            "shop/web:1",
            f"{NOBODY}; did you mean 'shop/web'?",
        ),
        (f"{{name: wbe, digest: '{DIGEST}'}}", f"web@{DIGEST}", f"{NOBODY}; did you mean 'web'?"),
        # No tag for kustomize, so that it isn't the image either.
        ("{name: web, newTag: '2'}", "web:${TAG}", LEFT % "web:2"),
    ],
)
def test_an_entry_that_fits_none(images: str, running: str, words: str) -> None:
    found = told(f"{{name: first, newTag: '1'}}, {images}", "first:1", running)
    assert found == [(1, words)]


def test_where_others_have_the_last_word_nothing_is_said() -> None:
    for field in ("replacements", "transformers", "vars"):
        assert told("{name: a, newTag: '2'}", "b", more=f", {field}: [x]") == []
        assert told("{name: a, newTag: '2'}", "b", more=f", {field}: []") != []


def test_images_of_other_kinds_count_and_without_pods_nobody_knows() -> None:
    custom = "---\n{apiVersion: e.com/v1, kind: A, metadata: {name: a}, spec: {image: 'a:2'}}\n"
    assert told("{name: a, newTag: '2'}", "b", rest=custom) == []
    assert told("{name: a, newTag: '3'}", "b", rest=custom) != []
    entries = tuple(image_entries({"images": [{"name": "a", "newTag": "3"}]}))
    assert findings(custom, rule="image-entry", images=entries) == []
