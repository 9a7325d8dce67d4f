"""Gate `scan`."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import DIGEST, NOW, OTHER, ask, evidence, spec

from tidegate.domain.gate import Status
from tidegate.domain.scan import Scan, Severity, Vulnerability
from tidegate.domain.unavailable import Unavailable

LIMITS = ["NONE", "LOW", "MEDIUM", "HIGH", "CRITICAL"]


def found(severity: Severity, fixed: str | None = "2", name: str = "CVE-1") -> Vulnerability:
    return Vulnerability(name, "pillow", "1", fixed, severity)


def scan(
    *vulnerabilities: Vulnerability,
    age: timedelta = timedelta(hours=1),
    digest: str = DIGEST,
    packages: int = 7,
) -> Scan:
    return Scan(digest, vulnerabilities, packages, "Trivy 1", NOW - age)


@pytest.mark.parametrize("highest", LIMITS)
@pytest.mark.parametrize("severity", list(Severity))
def test_only_what_is_above_the_limit_fails(highest: str, severity: Severity) -> None:
    result = ask(spec("scan", highest=highest), evidence(scan=scan(found(severity))))
    rank = LIMITS.index("CRITICAL" if severity is Severity.UNKNOWN else severity.name)
    assert result.status is (Status.FAILED if rank > LIMITS.index(highest) else Status.PASSED)
    assert result.measured == severity.name
    assert any("CVE-1" in line for line in result.details)


@pytest.mark.parametrize("highest", LIMITS)
def test_an_image_without_findings_passes(highest: str) -> None:
    assert ask(spec("scan", highest=highest), evidence(scan=scan())).status is Status.PASSED


def test_what_has_no_fix_counts_unless_it_is_to_be_ignored_and_is_never_hidden() -> None:
    known = evidence(scan=scan(found(Severity.CRITICAL, None)))
    assert ask(spec("scan", highest="LOW"), known).status is Status.FAILED
    assert ask(spec("scan", highest="LOW", unfixed="count"), known).status is Status.FAILED
    result = ask(spec("scan", highest="LOW", unfixed="ignore"), known)
    assert result.status is Status.PASSED
    assert "1 without a fix not counted" in result.sentence


SEVERITIES = st.lists(
    st.builds(found, st.sampled_from(Severity), st.sampled_from([None, "2"])), max_size=30
)


@given(SEVERITIES, st.sampled_from(LIMITS), st.sampled_from(["count", "ignore"]))
def test_fewer_findings_never_make_it_worse(
    all_of_them: list[Vulnerability], highest: str, unfixed: str
) -> None:
    gate = spec("scan", highest=highest, unfixed=unfixed)
    if ask(gate, evidence(scan=scan(*all_of_them))).status is Status.PASSED:
        fewer = evidence(scan=scan(*all_of_them[1:]))
        assert ask(gate, fewer).status is Status.PASSED


def test_long_lists_are_cut_worst_first_and_say_so() -> None:
    many = [found(Severity.LOW, name=f"CVE-{n:02}") for n in range(20)]
    known = evidence(scan=scan(*many, found(Severity.CRITICAL, name="CVE-X")))
    result = ask(spec("scan", highest="NONE"), known)
    assert result.details[0].startswith("CVE-X CRITICAL")
    assert result.details[-1] == "and 11 more"
    assert "1 critical, 20 low vulnerabilities" in result.sentence


@pytest.mark.parametrize(
    ("limit", "age", "passes"),
    [
        ("48h", timedelta(hours=48), True),
        ("48h", timedelta(hours=48, minutes=1), False),
        ("2d", timedelta(days=2), True),
        ("90m", timedelta(minutes=91), False),
        (None, timedelta(hours=48), True),
        (None, timedelta(hours=49), False),
        ("48h", timedelta(minutes=-10), True),  # clocks differ
        ("48h", timedelta(minutes=-10, seconds=-1), False),
        ("48h", timedelta(days=-365), False),
    ],
)
def test_the_age_of_the_database(limit: str | None, age: timedelta, passes: bool) -> None:
    settings = {"maxDatabaseAge": limit} if limit else {}
    result = ask(spec("scan", highest="HIGH", **settings), evidence(scan=scan(age=age)))
    assert result.status is (Status.PASSED if passes else Status.ERRORED)


def test_the_ages_that_are_shown_differ_where_the_ages_do() -> None:
    known = evidence(scan=scan(age=timedelta(hours=48, minutes=1)))
    result = ask(spec("scan", highest="HIGH"), known)
    assert result.sentence.endswith("is 2 d 1 min old, older than the allowed 2 d")


@pytest.mark.parametrize("broken", [None, Unavailable("trivy was killed")])
def test_no_scan_is_errored(broken: Unavailable | None) -> None:
    assert ask(spec("scan", highest="CRITICAL"), evidence(scan=broken)).status is Status.ERRORED


def test_a_scan_of_another_image_is_errored() -> None:
    known = evidence(scan=scan(digest=OTHER))
    assert ask(spec("scan", highest="CRITICAL"), known).status is Status.ERRORED


def test_a_database_time_without_its_zone_is_errored() -> None:
    naive = Scan(DIGEST, (), 1, "Trivy", datetime(2026, 3, 1))
    known = evidence(scan=naive)
    assert ask(spec("scan", highest="CRITICAL"), known).status is Status.ERRORED


def test_an_image_in_which_nothing_was_recognised_says_so() -> None:
    nothing = evidence(scan=scan(packages=0))
    result = ask(spec("scan", highest="HIGH"), nothing)
    assert result.status is Status.ERRORED
    assert "recognised no packages" in result.sentence
    result = ask(spec("scan", highest="HIGH", unrecognised="allow"), nothing)
    assert result.status is Status.PASSED
    assert "recognised no packages" in result.sentence
