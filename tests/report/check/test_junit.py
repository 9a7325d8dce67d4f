"""A check as JUnit XML: well-formed whatever comes in, and counted as its readers count."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import findings as samples
from tests.support.reports import HOSTILE

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Severity
from tidegate.report import junit

SMALL = """\
<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="tidegate check" tests="2" failures="1" errors="0" skipped="0" time="0">
  <testsuite name="environments/dev/shop" tests="1" failures="0" errors="0" skipped="0" time="0">
    <testcase classname="environments/dev/shop" name="nothing found" time="0"/>
  </testsuite>
  <testsuite name="environments/prod/shop" tests="1" failures="1" errors="0" skipped="0" time="0">
    <testcase classname="environments/prod/shop" name="image-digest Deployment shop-prod/shop \
spec.template.spec.containers[0].image" time="0" file="environments/prod/shop/kustomization.yaml" \
line="12">
      <failure message="the image 'shop:1' has no digest" type="Deny">\
environments/prod/shop/kustomization.yaml:12:5: the image 'shop:1' has no digest
Deployment shop-prod/shop spec.template.spec.containers[0].image
→ add the digest</failure>
    </testcase>
  </testsuite>
</testsuites>
"""


def read(report: CheckReport) -> ET.Element:
    """The document, with every count held to what is there."""
    root = ET.fromstring(junit.check(report).encode())
    for element in (root, *root.iter("testsuite")):
        assert int(element.get("tests", "")) == len(list(element.iter("testcase")))
        assert int(element.get("failures", "")) == len(list(element.iter("failure")))
        assert int(element.get("skipped", "")) == len(list(element.iter("skipped")))
        assert element.get("errors") == "0"
    cases = [(case.get("classname"), case.get("name")) for case in root.iter("testcase")]
    assert len(set(cases)) == len(cases)
    return root


def test_a_small_report() -> None:
    checked = ("environments/dev/shop", "environments/prod/shop")
    made = CheckReport((samples.finding(),), Coverage(checked=checked))
    assert junit.check(made) == SMALL


def test_an_overlay_that_is_the_root_has_a_name() -> None:
    found = CheckReport((replace(samples.finding(), overlay=""),), Coverage(checked=("",)))
    for made in (found, CheckReport((), Coverage(checked=("",)))):
        root = read(made)
        assert [suite.get("name") for suite in root.iter("testsuite")] == ["."]
        assert [case.get("classname") for case in root.iter("testcase")] == ["."]


def test_what_does_not_block_is_skipped_and_says_why() -> None:
    root = read(samples.small())
    told = [element.get("message") for element in root.iter("skipped")]
    assert told == [
        "warning: the container has no readiness probe",
        f"waived: the image 'shop:1' has no digest; {samples.WAIVED}",
        "note: the overlay has no release.yaml",
        "warning: the container has no readiness probe",
    ]
    assert [suite.get("name") for suite in root] == [
        "environments/dev/shop",
        "environments/prod/shop",
        "environments/staging/shop",
    ]


def test_warnings_fail_where_they_count_as_errors() -> None:
    warning = samples.finding(severity=Severity.WARN)
    assert len(list(read(CheckReport((warning,), Coverage())).iter("failure"))) == 0
    strict = CheckReport((warning, replace(warning, waiver=samples.WAIVER)), Coverage(), True)
    assert len(list(read(strict).iter("failure"))) == 1


def test_findings_with_one_name_are_numbered() -> None:
    root = read(CheckReport((samples.finding(), samples.finding(line=13)), Coverage()))
    names = [case.get("name", "") for case in root.iter("testcase")]
    assert names[1] == f"{names[0]} (2)"


@pytest.mark.parametrize("text", [*HOSTILE, "]]>", "\ud800", "\ufffe\uffff", "&#0;", "\x85\x9f"])
def test_any_text_is_contained(text: str) -> None:
    root = read(samples.hostile(text))
    assert {element.tag for element in root.iter()} == {
        *("testsuites", "testsuite", "testcase", "failure", "skipped"),
    }


@given(st.text(max_size=60))
def test_every_text_is_contained(text: str) -> None:
    read(samples.hostile(text or "x"))


def test_ten_thousand_findings() -> None:
    assert read(samples.many(10_000)).get("failures") == "10000"
