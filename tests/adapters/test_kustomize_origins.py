"""Asking an overlay that is rendered by itself for its origins."""

from __future__ import annotations

from pathlib import Path

import pytest

from tidegate.adapters.kustomize.origins import ask_for_origins


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("resources: [a.yaml]\n", True),
        ("---\r\n# why\n\n  # and more\nresources: [a.yaml]", True),
        ("buildMetadata: [managedByLabel]\nresources: [a.yaml]\n", False),
        ("{resources: [a.yaml]}\n", False),
        # Some blank lines would take for ever where each can be taken in several ways.
        ("\n" * 5_000 + "{resources: [a.yaml]}\n", False),
        ("\n" * 5_000 + "resources: [a.yaml]\n", True),
    ],
)
def test_a_kustomization_is_asked_where_it_can_be_added_to(
    tmp_path: Path, text: str, asked: bool
) -> None:
    file = tmp_path / "kustomization.yaml"
    file.write_text(text, encoding="utf-8", newline="")
    new = tmp_path / "new"
    new.mkdir()
    ask_for_origins(tmp_path, new)
    assert file.read_bytes().endswith(b"buildMetadata: [originAnnotations]\n") is asked
