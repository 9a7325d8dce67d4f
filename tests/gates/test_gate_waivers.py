"""Gates that say no, and waivers."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support.evidence import DIGEST, NOW, ask, evidence, release, spec
from tests.support.waivers import waiver

from tidegate.domain.evidence import Evidence
from tidegate.domain.gate import Status
from tidegate.domain.hold import Hold
from tidegate.domain.release import OverlayState
from tidegate.domain.scan import Scan, Severity, Vulnerability
from tidegate.domain.unavailable import Unavailable
from tidegate.domain.waiver import Subject, Waiver
from tidegate.gates import judge

CHAMPION = spec("champion", metric="auc")
ENDED = NOW - timedelta(hours=12)


def worse(*waivers: Waiver, **more: Any) -> Evidence:
    """The candidate's auc is below the champion's."""
    return evidence({"auc": 0.88}, {"auc": 0.9}, waivers=waivers, **more)


def cve(name: str, **fields: Any) -> Waiver:
    values: dict[str, Any] = {"subject": Subject.VULNERABILITY, "name": name, "id": f"for-{name}"}
    return waiver(**(values | fields))


@pytest.mark.parametrize("name", ["champion:auc", "champion"])
def test_a_failed_gate_is_waived_by_its_key_or_its_kind(name: str) -> None:
    known = waiver(name=name)
    before, after = ask(CHAMPION, worse()), ask(CHAMPION, worse(known))
    assert before.status is Status.FAILED
    assert after.status is Status.WAIVED
    assert not after.status.blocks
    assert (after.measured, after.limit) == (before.measured, before.limit) == (0.88, 0.9)
    assert after.sentence == f"{before.sentence}; waived by Ann until 2026-03-11 12:00 UTC"
    assert after.details == ("waiver w-1 (SHOP-1): the sale",)
    assert after.waivers == (known,)


@pytest.mark.parametrize(
    "known",
    [
        waiver(name="champion:loss"),
        waiver(name="Champion"),
        waiver(name="threshold"),
        waiver(name="champion:auc", subject=Subject.RULE),
        waiver(name="champion:auc", subject=Subject.VULNERABILITY),
    ],
)
def test_a_waiver_for_something_else_changes_nothing(known: Waiver) -> None:
    assert ask(CHAMPION, worse(known)) == ask(CHAMPION, worse())


def test_an_expired_waiver_blocks_again_and_the_sentence_says_so() -> None:
    result = ask(CHAMPION, worse(waiver(expires=ENDED)))
    assert result.status is Status.FAILED
    assert result.sentence.endswith("; the waiver w-1 expired at the end of 2026-02-28 UTC")
    assert result.waivers == ()
    renewed = ask(CHAMPION, worse(waiver(expires=ENDED), waiver(id="w-2")))
    assert renewed.status is Status.WAIVED


@pytest.mark.parametrize(
    "known",
    [
        evidence(run=Unavailable("MLflow is down")),
        evidence({"auc": float("nan")}),
        evidence({"auc": 0.9}, {}),
        evidence({"other": 1.0}),
    ],
)
def test_missing_evidence_is_never_waived(known: Evidence) -> None:
    waived = replace(known, waivers=(waiver(), waiver(id="w-2", name="champion")))
    result = ask(CHAMPION, waived)
    assert result == ask(CHAMPION, known)
    assert result.status is Status.ERRORED


def test_what_passes_or_is_skipped_needs_no_waiver() -> None:
    for known in (evidence({"auc": 0.9}, {"auc": 0.9}), evidence({"auc": 0.9})):
        assert ask(CHAMPION, replace(known, waivers=(waiver(),))) == ask(CHAMPION, known)


def test_hold_and_record_are_never_waived() -> None:
    champion = release()
    edited = OverlayState(champion.image.name, "v9", champion.image.digest, "1")
    known = evidence(
        champion=champion,
        overlay=edited,
        holds=(Hold("Ann", "sale", None, whole=True),),
        waivers=tuple(waiver(id=name, name=name) for name in ("hold", "record")),
    )
    found = {result.gate: result.status for result in judge([], known).results}
    assert found == {"hold": Status.FAILED, "record": Status.ERRORED}


def found(name: str, severity: Severity = Severity.CRITICAL) -> Vulnerability:
    return Vulnerability(name, "pillow", "1", "2", severity)


def scanned(*vulnerabilities: Vulnerability, waivers: tuple[Waiver, ...] = ()) -> Evidence:
    scan = Scan(DIGEST, vulnerabilities, 7, "Trivy 1", NOW - timedelta(hours=1))
    return evidence(scan=scan, waivers=waivers)


SCAN = spec("scan", highest="HIGH")


def test_vulnerabilities_that_are_waived_do_not_count_and_are_listed() -> None:
    known = scanned(found("CVE-1"), waivers=(cve("CVE-1"),))
    result = ask(SCAN, known)
    assert result.status is Status.WAIVED
    assert (result.measured, result.limit) == ("CRITICAL", "HIGH")
    assert result.sentence == "the image has 1 critical vulnerability above HIGH, waived"
    assert result.details == (
        "CVE-1 CRITICAL pillow 1 → fixed in 2; waived by Ann until 2026-03-11 12:00 UTC, "
        "waiver for-CVE-1 (SHOP-1): the sale",
    )
    assert result.waivers == (cve("CVE-1"),)


def test_one_that_is_not_waived_still_blocks() -> None:
    known = scanned(found("CVE-1"), found("CVE-2"), waivers=(cve("CVE-1"),))
    result = ask(SCAN, known)
    assert result.status is Status.FAILED
    assert result.sentence == (
        "the image has 1 critical vulnerability; none is allowed above HIGH; 1 more waived"
    )
    assert [line.split()[0] for line in result.details] == ["CVE-2", "CVE-1"]
    assert "waived by" not in result.details[0]
    assert "waived by" in result.details[1]


def test_an_expired_waiver_counts_for_no_vulnerability_and_the_sentence_says_so() -> None:
    ended = (cve("CVE-1", expires=ENDED), cve("CVE-2", expires=ENDED))
    result = ask(SCAN, scanned(found("CVE-1"), waivers=ended))
    assert result.status is Status.FAILED
    assert result.sentence.endswith("; the waiver for-CVE-1 expired at the end of 2026-02-28 UTC")
    both = ask(SCAN, scanned(found("CVE-1"), found("CVE-2"), waivers=ended))
    assert both.sentence.endswith("expired at the end of 2026-02-28 UTC and 1 more")


def test_below_the_limit_no_waiver_is_needed_or_named() -> None:
    low = scanned(found("CVE-1", Severity.LOW))
    waived = scanned(found("CVE-1", Severity.LOW), waivers=(cve("CVE-1"),))
    assert ask(SCAN, waived) == ask(SCAN, low)


def test_no_waived_vulnerability_is_left_out_of_the_list() -> None:
    many = [found(f"CVE-{n:02}") for n in range(25)]
    waivers = tuple(cve(each.id) for each in many)
    result = ask(spec("scan", highest="NONE"), scanned(*many, waivers=waivers))
    assert result.sentence == "the image has 25 critical vulnerabilities, all waived"
    assert [line.split()[0] for line in result.details] == [each.id for each in many]


def test_the_whole_scan_can_be_waived_too_and_both_kinds_are_named() -> None:
    gate = waiver(id="all", name="scan")
    known = scanned(found("CVE-1"), found("CVE-2"), waivers=(cve("CVE-1"), gate))
    result = ask(SCAN, known)
    assert result.status is Status.WAIVED
    assert [each.id for each in result.waivers] == ["all", "for-CVE-1"]
    assert result.details[0] == "waiver all (SHOP-1): the sale"


def test_no_waiver_helps_where_nothing_was_scanned() -> None:
    for scan in (None, Unavailable("no database"), Scan("sha256:" + "9" * 64, (), 1, "T", NOW)):
        known = evidence(scan=scan, waivers=(waiver(name="scan"), cve("CVE-1")))
        assert ask(SCAN, known).status is Status.ERRORED


@given(
    st.lists(st.tuples(st.sampled_from("abcdef"), st.sampled_from(Severity)), max_size=12),
    st.sets(st.sampled_from("abcdef")),
    st.sampled_from(["NONE", "LOW", "HIGH"]),
)
def test_the_image_passes_as_if_the_waived_ones_were_not_there(
    known: list[tuple[str, Severity]], waived: set[str], highest: str
) -> None:
    gate = spec("scan", highest=highest)
    all_of_them = [found(name, severity) for name, severity in known]
    result = ask(gate, scanned(*all_of_them, waivers=tuple(map(cve, sorted(waived)))))
    rest = ask(gate, scanned(*(each for each in all_of_them if each.id not in waived)))
    assert result.status.blocks == rest.status.blocks
    plain = ask(gate, scanned(*all_of_them))
    assert (result.measured, result.limit) == (plain.measured, plain.limit)
    assert (result.status is Status.WAIVED) == (plain.status.blocks and not rest.status.blocks)
