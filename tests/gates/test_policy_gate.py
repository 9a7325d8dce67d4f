"""Gate `policy`: what is new counts, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import NOW, ask, evidence, spec
from tests.support.waivers import waiver

from tidegate.domain.evidence import Evidence, PolicyEvidence
from tidegate.domain.finding import Severity, Violation
from tidegate.domain.gate import GateResult, Status
from tidegate.domain.manifest import ObjectId
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.waiver import Subject, Waiver

SHOP = ObjectId("apps/v1", "Deployment", "shop", "shop")
IMAGE = ("spec", "template", "spec", "containers", 0, "image")


def violation(rule: str = "registry", **fields: Any) -> Violation:
    values: dict[str, Any] = {"object": SHOP, "field": IMAGE, "message": "docker.io isn't allowed"}
    return Violation(rule, **({"severity": Severity.DENY} | values | fields))


def known(
    before: list[Violation], after: list[Violation], waivers: tuple[Waiver, ...] = ()
) -> Evidence:
    return evidence(findings=PolicyEvidence(tuple(before), tuple(after)), waivers=waivers)


def judge(*arguments: Any, **more: Any) -> GateResult:
    return ask(spec("policy"), known(*arguments, **more))


def rule(name: str = "registry", **fields: Any) -> Waiver:
    return waiver(**({"subject": Subject.RULE, "name": name} | fields))


def test_nothing_denied_passes() -> None:
    result = judge([], [])
    assert result == GateResult(
        "policy", Status.PASSED, "the promotion brings nothing that policy denies", 0, 0
    )


def test_a_new_finding_fails() -> None:
    result = judge([], [violation()])
    assert (result.status, result.measured, result.limit) == (Status.FAILED, 1, 0)
    assert result.sentence == "the promotion brings 1 finding that policy denies"
    assert result.details == (
        "registry: Deployment shop/shop spec.template.spec.containers[0].image: "
        "docker.io isn't allowed",
    )


@pytest.mark.parametrize(
    ("after", "new"),
    [
        (violation(), 0),
        (violation(message="docker.io/shop:v2 isn't allowed"), 0),
        (violation(fix="do this", link="https://example.com"), 0),
        (violation(rule="digest"), 1),
        (violation(object=SHOP._replace(name="other")), 1),
        (violation(object=SHOP._replace(namespace="other")), 1),
        (violation(object=None), 1),
        (violation(field=(*IMAGE[:-2], 1, "image")), 1),
        (violation(field=()), 1),
        (violation(rule="digest", severity=Severity.WARN), 0),
        (violation(rule="digest", severity=Severity.AUDIT), 0),
    ],
)
def test_what_is_new(after: Violation, new: int) -> None:
    result = judge([violation()], [after])
    assert result.measured == new
    assert result.status is (Status.FAILED if new else Status.PASSED)


def test_what_was_there_before_is_told() -> None:
    other = violation("digest")
    assert judge([violation()], [violation()]).sentence == (
        "the promotion brings nothing that policy denies; 1 finding of before is still there"
    )
    result = judge([violation(), other], [violation(), other, violation("new")])
    assert result.sentence == (
        "the promotion brings 1 finding that policy denies; 2 findings of before are still there"
    )
    assert len(result.details) == 1


def test_what_was_only_a_warning_is_new_when_it_is_denied() -> None:
    assert judge([violation(severity=Severity.WARN)], [violation()]).status is Status.FAILED


def test_a_second_one_of_a_kind_is_new() -> None:
    assert judge([violation()], [violation(), violation()]).measured == 1
    assert judge([violation()] * 2, [violation()]).measured == 0


def test_long_lists_are_cut_and_say_so() -> None:
    result = judge([], [violation(f"rule-{n}") for n in range(13)])
    assert len(result.details) == 11
    assert result.details[-1] == "and 3 more"


@pytest.mark.parametrize("broken", [None, Unavailable("kustomize is not on PATH")])
def test_without_findings_it_is_errored(broken: Unavailable | None) -> None:
    asked = evidence(findings=broken, waivers=(rule(), waiver(name="policy")))
    result = ask(spec("policy"), asked)
    assert result.status is Status.ERRORED
    assert result.sentence == (
        broken.reason if broken else "the overlay was not held against policy"
    )


def test_a_rule_that_is_waived_is_told_and_not_counted() -> None:
    result = judge([], [violation()], (rule(),))
    assert (result.status, result.measured) == (Status.WAIVED, 1)
    assert result.sentence == "the promotion brings 1 finding that policy denies, waived"
    assert result.details[0].endswith(
        "; waived by Ann until 2026-03-11 12:00 UTC, waiver w-1 (SHOP-1): the sale"
    )
    assert result.waivers == (rule(),)


def test_what_is_not_waived_blocks_beside_what_is() -> None:
    result = judge([], [violation(), violation("digest")], (rule(),))
    assert (result.status, result.measured) == (Status.FAILED, 2)
    assert result.sentence == "the promotion brings 1 finding that policy denies; 1 more waived"
    assert result.details[0].startswith("digest: ")
    assert "waived by Ann" in result.details[1]


@pytest.mark.parametrize(
    ("objects", "status"),
    [(("Deployment/shop",), Status.WAIVED), (("Deployment/other",), Status.FAILED)],
)
def test_a_waiver_may_be_for_some_objects_only(objects: tuple[str, ...], status: Status) -> None:
    assert judge([], [violation()], (rule(objects=objects),)).status is status


def test_an_expired_waiver_counts_for_no_rule_and_the_sentence_says_so() -> None:
    result = judge([], [violation()], (rule(expires=NOW - timedelta(hours=12)),))
    assert result.status is Status.FAILED
    assert "; the waiver w-1 expired at the end of 2026-02-28 UTC" in result.sentence


def test_the_whole_gate_can_be_waived() -> None:
    result = judge([], [violation()], (waiver(name="policy"),))
    assert result.status is Status.WAIVED
    assert result.details[0] == "waiver w-1 (SHOP-1): the sale"


VIOLATIONS = st.builds(
    violation,
    st.sampled_from(["registry", "digest"]),
    severity=st.sampled_from(Severity),
    object=st.sampled_from([SHOP, SHOP._replace(name="other"), None]),
    message=st.text(max_size=5),
)


@given(st.lists(VIOLATIONS), st.lists(VIOLATIONS))
def test_only_what_is_denied_and_new_counts(
    before: list[Violation], after: list[Violation]
) -> None:
    assert judge(after, after).status is Status.PASSED
    assert judge(before, [replace(v, message="x") for v in before]).status is Status.PASSED
    assert judge([*before, *after], after).status is Status.PASSED
    result = judge([], after)
    assert result.measured == sum(v.severity is Severity.DENY for v in after)
    fewer = judge(before, after[1:]).measured
    assert isinstance(fewer, int)
    assert fewer <= int(judge(before, after).measured or 0)
