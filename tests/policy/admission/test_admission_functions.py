"""What each function of the CEL libraries gives: held against what a real API server said."""

from __future__ import annotations

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from tests.support.admission import FOLDER, judge, read
from tests.support.probes import KNOWN, objects, policies

from tidegate.domain.finding import Severity
from tidegate.policy.admission import AdmissionEngine
from tidegate.policy.admission.library import FUNCTIONS
from tidegate.policy.admission.library.lists import is_sorted, least, most
from tidegate.policy.admission.library.quantity import parse
from tidegate.policy.admission.library.regex import find, find_all
from tidegate.policy.admission.library.signature import Refused
from tidegate.policy.admission.quantities import canonical

SPACE = {"metadata": {"name": "probes", "labels": {"level": "one"}}}
RECORDED = json.loads((FOLDER / "recorded-functions.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def engine() -> AdmissionEngine:
    engine = AdmissionEngine(read(yaml.safe_dump_all(list(policies()))))
    assert engine.problems == ()
    return engine


@pytest.mark.parametrize("item", list(objects()), ids=lambda item: item["metadata"]["name"])
def test_functions_give_what_the_api_server_gives(engine: AdmissionEngine, item: dict) -> None:  # type: ignore[type-arg]
    name = item["metadata"]["name"]
    known = {number for case, number in KNOWN if case == name}
    ours = {v.message for v in judge(engine, item, SPACE) if v.severity is Severity.WARN}
    different = {" ".join(m.split()) for m in ours} ^ set(RECORDED[name])
    assert {m for m in different if int(m.partition(":")[0]) not in known} == set()


def test_no_two_overloads_have_one_id() -> None:
    assert len({function.id for function in FUNCTIONS}) == len(FUNCTIONS)


@given(st.integers(-(10**30), 10**30), st.sampled_from(["", "k", "Ki", "m", "n", "E", "e3", "e-2"]))
def test_a_canonical_quantity_is_the_same_quantity(number: int, suffix: str) -> None:
    text = f"{number}{suffix}"
    assert parse(canonical(text)).nanos == parse(text).nanos
    assert canonical(canonical(text)) == canonical(text)


@given(st.text(max_size=20))
def test_what_is_no_quantity_stays_as_it_is(text: str) -> None:
    try:
        parse(text.strip())
    except Refused:
        assert canonical(text) == text


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("1000m", "1"),
        ("1500m", "1500m"),
        (2, "2"),
        (0.5, "500m"),
        (2000, "2k"),
        ("1024Mi", "1Gi"),
        ("1.5Gi", "1536Mi"),
        ("0.5Ki", "512"),
        ("1e3", "1e3"),
        ("1E3", "1e3"),
        ("1E", "1E"),
        ("0", "0"),
        ("0Mi", "0"),
        ("-1024Ki", "-1Mi"),
        ("nonsense", "nonsense"),
        (True, True),
        (None, None),
    ],
)
def test_quantities_have_one_form(written: object, kept: object) -> None:
    assert canonical(written) == kept


@given(st.lists(st.integers(-5, 5) | st.floats(-5, 5), min_size=1))
def test_lists_of_numbers_are_compared_as_numbers(items: list[float]) -> None:
    assert is_sorted(sorted(items))
    assert least(items) == min(items)
    assert most(items) == max(items)


def test_lists_of_different_things_are_not_compared() -> None:
    for items in ([1, "a"], [True, 1], [None], [{}], [[]]):
        with pytest.raises(Refused):
            is_sorted(items)


@pytest.mark.parametrize(
    ("text", "pattern", "found"),
    [
        ("abc123", "([a-z]+)([0-9]+)", "abc123"),
        ("a(b", "[(]b", "(b"),
        ("a(b", r"\(b", "(b"),
        ("a)b", "[])]b", ")b"),
        ("aB", "(?i)b", "B"),
        ("ab", "(?P<x>a)(?<y>b)", "ab"),
        ("a(b", r"\Q(b\E", "(b"),
        ("x", "y", ""),
    ],
)
def test_groups_change_nothing_of_what_is_found(text: str, pattern: str, found: str) -> None:
    assert find(text, pattern) == found


def test_find_all_refuses_patterns_that_match_nothing() -> None:
    assert find_all("a1b2", "[0-9]") == ["1", "2"]
    assert find_all("a1b2", "[0-9]", 0) == []
    with pytest.raises(Refused, match="matches nothing"):
        find_all("a1b2", "[0-9]*")
