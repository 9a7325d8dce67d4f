"""What a waiver is for, until when, and which of several counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import NOW
from tests.support.waivers import waiver

from tidegate.domain.manifest import ObjectId
from tidegate.domain.waiver import Subject, latest, sort_out

SECOND = timedelta(seconds=1)


@pytest.mark.parametrize(
    ("apps", "environments", "versions", "covered"),
    [
        (("shop",), (), (), True),
        (("search",), (), (), False),
        ((), ("prod",), (), True),
        ((), ("dev",), (), False),
        ((), (), ("3",), True),
        ((), (), ("4",), False),
        (("search", "shop"), ("dev", "prod"), ("2", "3"), True),
        (("shop",), ("prod",), ("33",), False),
        (("shop",), ("dev",), ("3",), False),
    ],
)
def test_each_of_the_three_narrows(
    apps: tuple[str, ...], environments: tuple[str, ...], versions: tuple[str, ...], covered: bool
) -> None:
    known = waiver(apps=apps, environments=environments, versions=versions)
    assert known.covers("shop", "prod", "3") is covered


def test_what_is_not_known_is_covered_by_nothing_that_asks_for_it() -> None:
    assert waiver(apps=(), environments=("prod",)).covers(None, "prod", None)
    assert not waiver(apps=("shop",)).covers(None, "prod", "3")
    assert not waiver(versions=("3",)).covers("shop", "prod", None)
    assert not waiver(apps=(), environments=("prod",)).covers("shop", None, "3")


@pytest.mark.parametrize(
    ("patterns", "included"),
    [
        ((), True),
        (("Deployment/shop",), True),
        (("Deployment/shop-*",), False),
        (("Deployment/sh*",), True),
        (("Deployment/*",), True),
        (("deployment/shop",), False),
        (("Service/shop",), False),
        (("Deployment/prod/shop",), True),
        (("Deployment/*/shop",), True),
        (("Deployment/dev/shop",), False),
        (("Service/x", "Deployment/shop"), True),
    ],
)
def test_objects_by_kind_and_name(patterns: tuple[str, ...], included: bool) -> None:
    found = ObjectId("apps/v1", "Deployment", "prod", "shop")
    assert waiver(objects=patterns).includes(found) is included
    assert waiver(objects=patterns).includes(None) is (not patterns)


def test_a_pattern_that_explodes_elsewhere_does_not_here() -> None:
    pattern = "Deployment/" + "*a" * 190 + "b"
    assert not waiver(objects=(pattern,)).includes(ObjectId("v1", "Deployment", "", "a" * 10_000))


def test_it_holds_until_its_end_and_not_at_it() -> None:
    known = waiver(expires=NOW)
    assert known.active(NOW - SECOND)
    assert not known.active(NOW)
    assert not known.active(NOW + SECOND)


@pytest.mark.parametrize(
    ("expires", "end"),
    [
        (datetime(2026, 4, 1, tzinfo=UTC), "the end of 2026-03-31 UTC"),
        (datetime(2024, 3, 1, tzinfo=UTC), "the end of 2024-02-29 UTC"),
        (datetime(2026, 4, 1, 18, tzinfo=UTC), "2026-04-01 18:00 UTC"),
        (datetime(2026, 4, 1, 0, 0, 1, tzinfo=UTC), "2026-04-01 00:00 UTC"),
    ],
)
def test_the_end_as_people_read_it(expires: datetime, end: str) -> None:
    assert waiver(expires=expires).end == end


def test_of_several_the_one_that_ends_last_counts_in_whatever_order_they_come() -> None:
    three = [
        waiver(id=name, expires=NOW + timedelta(days=days))
        for name, days in (("a", 1), ("b", 3), ("c", 3))
    ]
    assert {latest(order).id for order in permutations(three) if latest(order)} == {"c"}  # type: ignore[union-attr]
    assert latest([]) is None


def test_what_holds_comes_before_what_has_expired() -> None:
    old = waiver(id="old", expires=NOW)
    older = waiver(id="older", expires=NOW - SECOND)
    names = ["champion:auc", "champion"]
    assert sort_out([older, old], Subject.GATE, names, NOW) == (None, old)
    whole = waiver(id="whole", name="champion", expires=NOW + SECOND)
    assert sort_out([old, whole, older], Subject.GATE, names, NOW) == (whole, None)
    for other in (waiver(name="champion:loss"), waiver(subject=Subject.RULE)):
        assert sort_out([other], Subject.GATE, names, NOW) == (None, None)


@pytest.mark.parametrize(
    ("subject", "written", "same"),
    [
        (Subject.VULNERABILITY, "cve-2024-3094", True),
        (Subject.GATE, "CVE-2024-3094", True),
        (Subject.GATE, "cve-2024-3094", False),
        (Subject.RULE, "cve-2024-3094", False),
    ],
)
def test_only_vulnerabilities_are_the_same_in_any_case(
    subject: Subject, written: str, same: bool
) -> None:
    known = waiver(subject=subject, name=written)
    holding, _ = sort_out([known], subject, ["CVE-2024-3094"], NOW)
    assert (holding is known) is same


@given(st.lists(st.integers(-3, 3)), st.integers(-3, 3))
def test_one_that_holds_is_found_wherever_there_is_one(days: list[int], today: int) -> None:
    known = [
        waiver(id=str(index), expires=NOW + timedelta(days=day)) for index, day in enumerate(days)
    ]
    now = NOW + timedelta(days=today)
    holding, lapsed = sort_out(known, Subject.GATE, ["champion:auc"], now)
    assert (holding is not None) == any(day > today for day in days)
    assert (lapsed is not None) == (bool(days) and holding is None)
