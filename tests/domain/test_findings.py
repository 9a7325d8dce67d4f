"""Fingerprints: the same for the same mistake, and never twice in a report."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.findings import DEPLOYMENT, WAIVER, finding, small, violation

from tidegate.domain.check import CheckReport, Coverage
from tidegate.domain.finding import Finding, Severity, fingerprints
from tidegate.domain.location import Location
from tidegate.domain.manifest import FieldPath, ObjectId, field_text


def test_a_fingerprint_forgets_lines_and_values() -> None:
    one = finding()
    moved = replace(one, where=Location("elsewhere.yaml", 99, 1), environment=None)
    reworded = replace(one, violation=replace(one.violation, message="other", fix=None))
    assert len({one.fingerprint, moved.fingerprint, reworded.fingerprint}) == 1
    assert len(one.fingerprint) == 32


@pytest.mark.parametrize(
    "other",
    [
        finding("environments/dev/shop"),
        finding(rule="other"),
        replace(finding(), violation=replace(violation(), field=("spec",))),
        replace(finding(), violation=replace(violation(), object=None)),
        replace(finding(), violation=replace(violation(), object=DEPLOYMENT._replace(name="x"))),
    ],
)
def test_a_fingerprint_knows_what_is_wrong_where(other: Finding) -> None:
    assert other.fingerprint != finding().fingerprint


def test_a_generated_name_keeps_its_fingerprint_when_its_contents_change() -> None:
    def named(kind: str, name: str) -> str:
        said = replace(violation(), object=ObjectId("v1", kind, "shop", name))
        return replace(finding(), violation=said).fingerprint

    assert named("ConfigMap", "settings-6862c6gcgb") == named("ConfigMap", "settings-2g6c8cbkkk")
    assert named("Service", "settings-6862c6gcgb") != named("Service", "settings-2g6c8cbkkk")


def test_findings_that_share_a_fingerprint_are_numbered_by_what_they_say() -> None:
    def says(message: str) -> Finding:
        return replace(finding(), violation=replace(violation(), message=message))

    a, b, c = says("a"), says("b"), finding(rule="other")
    first, second, other = fingerprints([a, b, c])
    assert first == a.fingerprint
    assert other == c.fingerprint
    assert len({first, second, other}) == 3
    assert fingerprints([c, b, a]) == (other, second, first)
    assert len(set(fingerprints([a, a, a]))) == 3


@given(st.lists(st.sampled_from([*small().findings, finding(), finding(line=3)]), max_size=8))
def test_fingerprints_are_never_the_same_twice(findings: list[Finding]) -> None:
    assert len(set(fingerprints(findings))) == len(findings)


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ((), ""),
        (("spec",), "spec"),
        (("spec", "containers", 0, "image"), "spec.containers[0].image"),
        (("metadata", "labels", "a.b/c"), "metadata.labels[a.b/c]"),
        (("a/b",), "[a/b]"),
        ((0,), "[0]"),
    ],
)
def test_fields_as_people_write_them(field: FieldPath, text: str) -> None:
    assert field_text(field) == text


@pytest.mark.parametrize(
    ("severity", "waived", "strict", "failed"),
    [
        (Severity.DENY, False, False, True),
        (Severity.DENY, True, True, False),
        (Severity.WARN, False, False, False),
        (Severity.WARN, False, True, True),
        (Severity.WARN, True, True, False),
        (Severity.AUDIT, False, True, False),
    ],
)
def test_what_fails_a_check(severity: Severity, waived: bool, strict: bool, failed: bool) -> None:
    one = finding(severity=severity, waiver=WAIVER if waived else None)
    assert CheckReport((one,), Coverage(), strict).failed is failed
