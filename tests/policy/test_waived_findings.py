"""Findings and waivers brought together."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import NOW
from tests.support.waivers import waiver

from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.manifest import ObjectId
from tidegate.domain.waiver import Subject, Waiver
from tidegate.policy.waivers import EXPIRED, EXPIRES_SOON, RULES, UNUSED, Checked, apply

DAY = timedelta(days=1)
SHOP = ObjectId("apps/v1", "Deployment", "shop", "shop")
PROD, DEV, OTHER = ("prod", "shop"), ("dev", "shop"), ("prod", "search")
ALL = Checked(overlays=[PROD, DEV, OTHER], versions={PROD: "2", DEV: "3"})


def rule(name: str = "replicas", **fields: Any) -> Waiver:
    """A waiver for a rule, far from its end."""
    values: dict[str, Any] = {"subject": Subject.RULE, "name": name, "expires": NOW + 60 * DAY}
    return waiver(**(values | fields))


def finding(
    place: tuple[str, str] | None = PROD,
    name: str = "replicas",
    severity: Severity = Severity.DENY,
    item: ObjectId | None = SHOP,
) -> Finding:
    environment, app = place or (None, None)
    overlay = f"environments/{environment}/{app}"
    return Finding(
        overlay, Violation(name, severity, "wrong", item), Location("x.yaml", 3, 1),
        environment, app,
    )  # fmt: skip


def told(found: tuple[Finding, ...]) -> list[tuple[str, str]]:
    """Each remark about a waiver: its rule, and the waiver's id."""
    return [
        (each.violation.rule, str(each.violation.field[1]))
        for each in found
        if each.violation.rule in RULES
    ]


@pytest.mark.parametrize(
    ("fields", "waived"),
    [
        ({"apps": ("shop",)}, [True, True, False, False]),
        ({"apps": (), "environments": ("prod",)}, [True, False, True, False]),
        ({"apps": (), "versions": ("2",)}, [True, False, False, False]),
        ({"versions": ("3",)}, [False, True, False, False]),
        ({"versions": ("9",)}, [False, False, False, False]),
        ({"apps": ("shop", "search"), "environments": ("dev", "prod")}, [True, True, True, False]),
        ({"objects": ("Deployment/shop",)}, [True, True, False, False]),
        ({"objects": ("Service/*",)}, [False, False, False, False]),
        ({"name": "other"}, [False, False, False, False]),
        ({"subject": Subject.GATE}, [False, False, False, False]),
        ({"subject": Subject.VULNERABILITY}, [False, False, False, False]),
        ({"expires": NOW}, [False, False, False, False]),
        ({"expires": NOW + timedelta(microseconds=1)}, [True, True, False, False]),
    ],
)
def test_what_is_waived(fields: dict[str, Any], waived: list[bool]) -> None:
    found = [finding(PROD), finding(DEV), finding(OTHER), finding(None)]
    known = rule(**fields)
    answer = apply(found, [known], NOW, ALL)
    assert [each.waiver is not None for each in answer[:4]] == waived
    assert [each.blocks for each in answer[:4]] == [not each for each in waived]
    # What is waived is the very same finding otherwise, in its place.
    assert [each.violation for each in answer[:4]] == [each.violation for each in found]
    assert [each.fingerprint for each in answer[:4]] == [each.fingerprint for each in found]


def test_of_several_waivers_the_last_to_end_counts_and_all_are_used() -> None:
    short, long = rule(id="short", expires=NOW + 20 * DAY), rule(id="long")
    answer = apply([finding()], [long, short], NOW, ALL)
    assert answer[0].waiver == long
    assert told(answer) == []


def test_a_warning_is_waived_too() -> None:
    (answer,) = apply([finding(severity=Severity.WARN)], [rule()], NOW, ALL)
    assert answer.waiver is not None


def test_an_expired_waiver_blocks_again_and_says_since_when() -> None:
    original, remark = apply([finding()], [rule(expires=NOW - 2 * DAY)], NOW, ALL)
    assert original.blocks
    assert not remark.blocks
    assert (remark.violation.rule, remark.violation.severity) == (EXPIRED, Severity.WARN)
    assert remark.where == Location("policies/waivers/serving.yaml", 5, 5)
    assert remark.violation.message == (
        "the waiver w-1 of rule replicas expired at 2026-02-27 12:00 UTC, 2 days ago: "
        "it waives nothing any more"
    )


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(seconds=1), "within 1 day"),
        (DAY, "within 1 day"),
        (DAY + timedelta(seconds=1), "within 2 days"),
        (14 * DAY, "within 14 days"),
        (14 * DAY + timedelta(seconds=1), None),
    ],
)
def test_an_end_is_announced_fourteen_days_before(left: timedelta, words: str | None) -> None:
    answer = apply([finding()], [rule(expires=NOW + left)], NOW, ALL)
    assert not answer[0].blocks
    assert told(answer) == ([(EXPIRES_SOON, "w-1")] if words else [])
    if words:
        assert words in answer[1].violation.message
        assert answer[1].violation.severity is Severity.WARN


@pytest.mark.parametrize("subject", list(Subject))
def test_the_end_of_every_kind_is_announced(subject: Subject) -> None:
    ending, ended = waiver(subject=subject, expires=NOW + DAY), waiver(id="w-2", expires=NOW)
    used = [finding(name="champion:auc")]
    assert told(apply(used, [ending, ended], NOW, ALL)) == [
        (EXPIRES_SOON, "w-1"), (EXPIRED, "w-2")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("known", "checked", "unused"),
    [
        (rule("other"), ALL, True),
        (rule(), ALL, True),
        # Nobody has an overlay there: the whole scope was looked at, for it is empty.
        (rule(apps=("gone",)), ALL, True),
        (rule(apps=("shop",)), Checked([PROD], [OTHER]), True),
        (rule(apps=("shop",)), Checked([PROD], [DEV]), False),
        (rule(environments=("prod",)), Checked([PROD], [DEV]), True),
        (rule(apps=(), environments=("prod",)), Checked([PROD], [OTHER]), False),
        (rule(apps=(), versions=("7",)), Checked([PROD], [OTHER]), False),
        (rule(apps=(), versions=("7",)), Checked([PROD, OTHER]), True),
        # Others' waivers are not the business of a look at one app.
        (rule(apps=("gone",)), Checked([PROD], [OTHER]), False),
        # Gates and scanners are not asked in a check: nobody knows.
        (waiver(expires=NOW + 60 * DAY), ALL, False),
        (rule(subject=Subject.VULNERABILITY), ALL, False),
    ],
)
def test_one_that_waives_nothing_is_told_where_that_is_sure(
    known: Waiver, checked: Checked, unused: bool
) -> None:
    assert told(apply([], [known], NOW, checked)) == ([(UNUSED, "w-1")] if unused else [])


def test_a_look_at_one_app_says_nothing_of_the_waivers_of_others() -> None:
    ended = [rule(id="ours", expires=NOW), rule(id="theirs", apps=("search",), expires=NOW)]
    assert told(apply([], ended, NOW, Checked([DEV], [PROD, OTHER]))) == [(EXPIRED, "ours")]
    assert len(told(apply([], ended, NOW, ALL))) == 2


def test_remarks_keep_their_fingerprints_when_lines_move() -> None:
    def prints(line: int) -> set[str]:
        known = [rule(id=name, expires=NOW, where=Location("w.yaml", line)) for name in "ab"]
        return {each.fingerprint for each in apply([], known, NOW, ALL)}

    assert prints(3) == prints(30)
    assert len(prints(3)) == 2


def test_ten_thousand_findings_and_a_thousand_waivers() -> None:
    places = [("prod", f"app-{n}") for n in range(1000)]
    found = [finding(place) for place in places for _ in range(10)]
    known = [rule(id=f"w-{n}", apps=(f"app-{n}",)) for n in range(999)]
    answer = apply(found, known, NOW, Checked(places))
    assert sum(each.blocks for each in answer) == 10
    assert told(answer) == []


WAIVERS = st.builds(
    rule,
    st.sampled_from(["replicas", "probes"]),
    id=st.uuids().map(str),
    apps=st.sampled_from([(), ("shop",), ("search",)]),
    environments=st.sampled_from([("prod",), ("dev",)]),
    expires=st.integers(-20, 20).map(lambda days: NOW + days * DAY),
)
FINDINGS = st.builds(
    finding, st.sampled_from([PROD, DEV, OTHER, None]), st.sampled_from(["replicas", "probes"])
)


@given(st.lists(FINDINGS), st.lists(WAIVERS))
def test_no_waiver_hides_or_adds_what_blocks(found: list[Finding], known: list[Waiver]) -> None:
    answer = apply(found, known, NOW, ALL)
    originals = answer[: len(found)]
    assert [each.violation for each in originals] == [each.violation for each in found]
    assert not any(each.blocks for each in answer[len(found) :])
    for each in originals:
        assert each.waiver is None or each.waiver.active(NOW)
    assert apply(found, known[::-1], NOW, ALL)[: len(found)] == originals
    # Without waivers nothing changes, and what has expired counts as little as none.
    lapsed = [each for each in known if not each.active(NOW)]
    assert apply(found, lapsed, NOW, ALL)[: len(found)] == tuple(found)
