"""Markdown reports: what comes from outside renders as the text that it is, and nothing more."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.support import reports as samples
from tests.support.markdown import Page, read

from tidegate.cli.answer import find
from tidegate.domain.promotion import AppReport, Outcome, PromotionReport
from tidegate.domain.text import one_line
from tidegate.errors import NotFound
from tidegate.report import written
from tidegate.report.escape import block, code, prose
from tidegate.report.rescan.markdown import announcement

GAP = "\u200b"


def report(kind: str, *parts: Any) -> Any:
    return find(kind, "markdown")(*parts)


def row(text: str) -> Page:
    """A table as the report makes it, with the text in both of its ways."""
    cells = f"| x | {code(text)} | {prose(text)} |"
    return read(f"| | gate | result |\n|---|---|---|\n{cells}\n")


def expected(text: str) -> str:
    return " ".join(one_line(text).split())


def seen(text: str) -> str:
    return " ".join(text.replace(GAP, "").split())


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_difference_has_our_elements_only(text: str) -> None:
    page = read(report("difference", samples.difference(text)))
    plain = read(report("difference", samples.difference("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_endings_in_a_cluster_have_our_elements_only(text: str) -> None:
    page = read(report("sync", samples.sync(text)))
    plain = read(report("sync", samples.sync("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}
    assert [len(cells) for cells in page.rows] == [len(cells) for cells in plain.rows]


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_rollback_that_was_followed_has_our_elements_only(text: str) -> None:
    page = read(report("rollback", samples.followed_back(text)))
    plain = read(report("rollback", samples.followed_back("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_live_difference_has_our_elements_only(text: str) -> None:
    page = read(report("live_difference", samples.live_difference(text)))
    plain = read(report("live_difference", samples.live_difference("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_status_has_our_elements_only(text: str) -> None:
    page = read(report("status", samples.status(text)))
    plain = read(report("status", samples.status("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}
    assert [len(cells) for cells in page.rows] == [len(cells) for cells in plain.rows]


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_an_audit_has_our_elements_only(text: str) -> None:
    page = read(report("audit", samples.audit(text)))
    plain = read(report("audit", samples.audit("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}
    assert [len(cells) for cells in page.rows] == [len(cells) for cells in plain.rows]


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_verification_has_our_elements_only(text: str) -> None:
    page = read(report("verification", samples.verification(text)))
    plain = read(report("verification", samples.verification("plain")))
    assert set(page.tags) <= set(plain.tags) | {"code"}
    assert [len(cells) for cells in page.rows] == [len(cells) for cells in plain.rows]


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_what_was_scanned_again_has_our_elements_only(text: str) -> None:
    (item, _) = samples.rescan(text).environments
    (usual, _) = samples.rescan("plain").environments
    page, plain = (read(announcement(found).body) for found in (item, usual))
    assert set(page.tags) <= set(plain.tags) | {"code"}
    assert [len(cells) for cells in page.rows] == [len(cells) for cells in plain.rows]


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_cell_holds_the_text_and_nothing_else(text: str) -> None:
    page = row(text)
    assert [len(cells) for cells in page.rows] == [3, 3]
    assert seen(page.rows[1][1]) == expected(text)
    assert seen(page.rows[1][2]) == expected(text)
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


@given(st.text(max_size=80) | st.text("|\\`*_[]()<>!#@&-~: ax1\n", max_size=30))
def test_any_text_stays_in_its_cell(text: str) -> None:
    page = row(text)
    assert [len(cells) for cells in page.rows] == [3, 3]
    assert seen(page.rows[1][1]) == seen(expected(text))
    assert seen(page.rows[1][2]) == seen(expected(text))
    assert set(page.tags) <= {"table", "thead", "tbody", "tr", "th", "td", "code"}


@given(st.text(max_size=80) | st.text("|\\`*_[]()<>!#@&-~: ax1\n", max_size=30))
def test_prose_at_a_lines_start_is_no_block(text: str) -> None:
    page = read(prose(text))
    assert set(page.tags) <= {"p"}
    assert seen(page.text) == seen(expected(text))


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_what_was_held_or_rolled_back_has_our_elements_only(text: str) -> None:
    for verb in ("hold", "release"):
        page = read(report("holds", samples.holds(text, verb)))
        assert set(page.tags) <= set(read(report("holds", samples.holds("plain", verb))).tags)
    for made in (
        report("rollback", samples.rollback(text, end)) for end in (None, samples.refused(text))
    ):
        page = read(made)
        assert set(page.tags) <= set(read(report("rollback", samples.rollback("plain"))).tags)
        assert page.tags.count("h3") == len(samples.rollback(text).apps)
    page, plain = (
        read(report("rollback", samples.rollback(words, samples.offered(words))))
        for words in (text, "plain")
    )
    assert set(page.tags) <= set(plain.tags)


@pytest.mark.parametrize("text", samples.HOSTILE)
@pytest.mark.parametrize(
    "make",
    [samples.promotion, partial(samples.promotion, committed=False), samples.unpushed],
    ids=["committed", "not", "unpushed"],
)
def test_a_whole_report_has_our_elements_only(
    text: str, make: Callable[[str], PromotionReport]
) -> None:
    page = read(report("promotion", make(text)))
    plain = read(report("promotion", make("plain")))
    ours = set(plain.tags) | {"code"}
    assert set(page.tags) <= ours
    for tag in ("h3", "tr", "td", "details", "summary", "pre", "blockquote"):
        assert page.tags.count(tag) == plain.tags.count(tag), tag
    assert set(page.attributes) <= {"class"}


@pytest.mark.parametrize("text", ["@everyone", "@org/team", "#12", "shop/shop#12", "GH-12", "gh-1",
                                  "_GH-12", "a@b.cd", "a@-b.cd", "x@0123456"])  # fmt: skip
def test_mentions_and_references_are_broken(text: str) -> None:
    shown = read(prose(text)).text
    assert GAP in shown
    assert not re.search(r"@[\w-]|#\d|gh-\d", shown, re.IGNORECASE)


@pytest.mark.parametrize(
    "text",
    ["http://a.bc", "HTTPS://a.bc", "www.a.bc", "mailto:a", "_https://a.bc", "xftp: ftp://a.b"],
)
def test_links_are_broken(text: str) -> None:
    raw = prose(text)
    assert not re.search(r"(?<![A-Za-z0-9])(https?:|www\.|mailto:|ftp:)", raw, re.IGNORECASE)
    shown = read(raw).text
    assert not re.search(r"(?<![A-Za-z0-9])(https?:|www\.|mailto:|ftp:)", shown, re.IGNORECASE)


@pytest.mark.parametrize("text", ["##[add-mask]x", "::error::x", "  ::stop-commands::x", "a ##[b]"])
def test_nothing_is_a_command_of_a_workflow(text: str) -> None:
    """Workflows print their reports, and the runner reads what is printed."""
    for made in (prose(text), code(text), block([text], "diff")):
        assert "##[" not in made
        assert not any(line.lstrip().startswith("::") for line in made.split("\n"))


def test_secrets_are_masked_before_they_are_escaped() -> None:
    text = "https://ann:p_w@example.com ghp_" + "a" * 36 + " Authorization: Bearer abc_def"
    for shown in (prose(text), code(text)):
        plain = shown.replace("\\", "").replace(GAP, "")
        for secret in ("p_w", "aaaaaaaa", "abc_def"):
            assert secret not in plain


def test_a_long_diff_is_cut_at_a_line() -> None:
    shown = "\n".join(written.changes("+a line\n" * 20_000))
    assert len(shown) < 41_000
    assert "+a line\n…\n```" in shown


def test_an_error_says_what_to_do() -> None:
    apps = (AppReport("shop", Outcome.ERROR, error=NotFound("no image", hint="push it")),)
    shown = report("promotion", PromotionReport("dev", "f", apps))
    assert shown.splitlines()[:3] == ["### shop in dev: error", "", "❌ no image<br>→ push it"]
    assert "❌ plain<br>plain<br>→ plain" in report("promotion", samples.unpushed("plain"))
