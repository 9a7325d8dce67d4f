"""Every form of a check's report is written by the one place that knows the forms."""

from __future__ import annotations

import io
from importlib.util import find_spec

import pytest
from tests.support import findings as samples

from tidegate.cli.answer import _ROOMS, find, show
from tidegate.cli.terminal import Terminal


@pytest.mark.parametrize(
    ("form", "beginning"),
    [
        ("text", "apps/shop/base/deployment.yaml:20:11  warning"),
        ("json", '{\n  "apiVersion": "tidegate.dev/v1",\n  "kind": "CheckReport"'),
        ("markdown", "### ❌ The check fails"),
        ("sarif", '{\n  "$schema": "https://docs.oasis-open.org/sarif/'),
        ("junit", '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="tidegate check"'),
        ("github", "::error file=environments/prod/shop/kustomization.yaml,line=12,col=5"),
    ],
)
def test_a_check_in_every_form(form: str, beginning: str) -> None:
    out = io.StringIO()
    show("check", samples.small(), form, Terminal(out, io.StringIO(), {}), verbose=True)
    assert out.getvalue().startswith(beginning)
    assert out.getvalue().endswith("\n")


@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_each_kind_is_made_in_a_room_of_its_own(form: str) -> None:
    for kind, room in _ROOMS.items():
        if find_spec(f"tidegate.report.{room}.{form}"):
            assert find(kind, form).__module__ == f"tidegate.report.{room}.{form}"
