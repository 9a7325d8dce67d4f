"""Small values: images, commits, text, and how a report's exit code comes about."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tidegate.domain.commit import Commit
from tidegate.domain.image import ImageRef
from tidegate.domain.promotion import AppReport, Outcome, PromotionReport, Receipt
from tidegate.domain.text import count, one_line
from tidegate.errors import ConflictError, InputError, Problem, TidegateError, Unreachable

DIGEST = "sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("text", "registry", "repository", "tag", "digest"),
    [
        ("registry.example.com/shop/x:v1", "registry.example.com", "shop/x", "v1", None),
        (f"localhost:5000/x:v1@{DIGEST}", "localhost:5000", "x", "v1", DIGEST),
        (f"localhost/x@{DIGEST}", "localhost", "x", None, DIGEST),
        ("[::1]:5000/x:1", "[::1]:5000", "x", "1", None),
        ("nginx:1", "docker.io", "library/nginx", "1", None),
        ("shop/x", "docker.io", "shop/x", None, None),
        ("a.b/c_d/e__f/g-h--i:T.-_", "a.b", "c_d/e__f/g-h--i", "T.-_", None),
    ],
)
def test_image_references(
    text: str, registry: str, repository: str, tag: str | None, digest: str | None
) -> None:
    image = ImageRef.parse(text)
    assert (image.registry, image.repository) == (registry, repository)
    assert (image.tag, image.digest) == (tag, digest)
    assert str(image) == text


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "x:",
            "x@",
            "/x",
            "x/",
            "X:v1",
            "a//b:1",
            "x:v1 ",
            "x:v1\n",
            "../x:1",
            "a/../b:1",
        ),
        *(
            "http://a.b/x:1",
            "x:-v",
            "x:" + "v" * 129,
            "x@sha256:abc",
            "x@md5:abc",
            "a" * 256 + ":1",
        ),
        *(
            "x:$(id)",
            "x:v1;id",
            "x:v1@" + DIGEST.upper(),
            "é:1",
            "a.b:port/x:1",
            "x:1@" + DIGEST + "0",
        ),
    ],
)
def test_what_is_no_image(text: str) -> None:
    with pytest.raises(ValueError, match="is not an image reference"):
        ImageRef.parse(text)


@given(st.text(max_size=60))
def test_an_image_that_is_read_is_written_as_it_was(text: str) -> None:
    try:
        image = ImageRef.parse(text)
    except ValueError:
        return
    assert str(image) == text


@given(st.text(), st.integers(2, 50))
def test_one_line_is_one_visible_line(text: str, limit: int) -> None:
    line = one_line(text, limit)
    assert len(line) <= limit
    assert len(line.splitlines()) <= 1
    assert line == line.strip()
    assert not any(unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl", "Zp") for c in line)
    assert one_line(line, limit) == line


def test_one_line_of_what_hides() -> None:
    assert one_line("a\u202eb\u200bc\x1b[31md\te\r\nf") == "a b c [31md e f"
    assert one_line("  naïve   🚢 ") == "naïve 🚢"
    assert one_line("x" * 10, 5) == "xxxx…"


def test_counts() -> None:
    assert (count(0, "app"), count(1, "app"), count(2, "app")) == ("0 apps", "1 app", "2 apps")


@pytest.mark.parametrize(
    ("message", "trailers"),
    [
        ("subject\n\nA: 1\nB-C: two words\n", (("A", "1"), ("B-C", "two words"))),
        ("subject\n\nbody\n\nA: 1", (("A", "1"),)),
        ("subject\n\nA: 1\n\nbody", ()),
        ("A: 1", ()),
        ("promote(prod): x", ()),
        ("", ()),
        ("s\n\nno colon\n: x\nA B: 1\nA:1\nC: 3", (("C", "3"),)),
    ],
)
def test_trailers(message: str, trailers: tuple[tuple[str, str], ...]) -> None:
    commit = Commit("f" * 40, "Ann", datetime(2026, 1, 1, tzinfo=UTC), message, {})
    assert commit.trailers == trailers
    assert commit.trailer("Nope") is None


def report(*apps: AppReport, committed: bool = False) -> PromotionReport:
    receipt = Receipt("f" * 40, "origin", "main") if committed else None
    return PromotionReport("prod", "f" * 40, apps, receipt, keep_going=committed)


def ended(outcome: Outcome, error: TidegateError | None = None) -> AppReport:
    return AppReport("shop", outcome, error=error)


OUTSIDE, WRONG, LOST = Unreachable("x"), InputError("x"), ConflictError("x")


@pytest.mark.parametrize(
    ("apps", "committed", "outcome", "code"),
    [
        ([], False, Outcome.NOTHING, 0),
        ([ended(Outcome.PROMOTED)], True, Outcome.PROMOTED, 0),
        ([ended(Outcome.PLANNED), ended(Outcome.ALREADY)], False, Outcome.PLANNED, 0),
        ([ended(Outcome.ALREADY), ended(Outcome.NOTHING)], False, Outcome.ALREADY, 0),
        ([ended(Outcome.PASSED)], False, Outcome.PASSED, 0),
        ([ended(Outcome.BLOCKED), ended(Outcome.HELD_BACK)], False, Outcome.BLOCKED, 1),
        ([ended(Outcome.BLOCKED), ended(Outcome.PROMOTED)], True, Outcome.BLOCKED, 1),
        ([ended(Outcome.ERROR, OUTSIDE)], False, Outcome.ERROR, 3),
        ([ended(Outcome.ERROR, WRONG), ended(Outcome.BLOCKED)], False, Outcome.ERROR, 2),
        ([ended(Outcome.CONFLICT, LOST)], False, Outcome.CONFLICT, 4),
        ([ended(Outcome.ERROR, OUTSIDE), ended(Outcome.PROMOTED)], True, Outcome.ERROR, 1),
        ([ended(Outcome.CONFLICT, LOST), ended(Outcome.PROMOTED)], True, Outcome.CONFLICT, 1),
        ([ended(Outcome.PLANNED), ended(Outcome.BLOCKED)], False, Outcome.BLOCKED, 1),
    ],
)
def test_exit_codes(apps: list[AppReport], committed: bool, outcome: Outcome, code: int) -> None:
    found = report(*apps, committed=committed)
    assert (found.outcome, found.exit_code) == (outcome, code)


def test_a_problem_reads_as_one_line() -> None:
    problem = Problem("a.yaml", 3, 7, "gates[0]", "is bad", "good", "god")
    assert str(problem) == "a.yaml:3:7: gates[0]: is bad; expected good; did you mean 'god'?"
    assert str(Problem("a.yaml", 0, 0, "", "does not exist")) == "a.yaml: does not exist"


def test_of_several_lines_the_newest_is_told_first() -> None:
    squashed = "promote: 3\n\n* one\n\nDeed: 1\n\n* two\n\nDeed: 2\nOther: x\nUndone: 3\n"
    commit = Commit(
        "f" * 40,
        "Ann",
        datetime(2026, 1, 1, tzinfo=UTC),
        squashed,
        {},
        brought=("Undone: 4", "Deed: 5"),
    )
    told = [("Undone", "3"), ("Deed", "2"), ("Deed", "1"), ("Undone", "4"), ("Deed", "5")]
    assert [*commit.told("Deed", "Undone")] == told
