"""Every form of a check's report is written by the one place that knows the forms."""

from __future__ import annotations

import io
from importlib import import_module
from importlib.util import find_spec

import pytest
from tests.support import findings as samples

from tidegate.cli.answer import _ROOMS, show
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
def test_each_kind_s_own_room_has_what_the_form_has(form: str) -> None:
    everything = import_module(f"tidegate.report.{form}")
    for kind, room in _ROOMS.items():
        if find_spec(f"tidegate.report.{room}.{form}"):
            own = import_module(f"tidegate.report.{room}.{form}")
            assert getattr(everything, kind) is getattr(own, kind)
