"""Text reports: plain where nobody looks, coloured on a terminal, clean everywhere."""

from __future__ import annotations

import io
import re
import unicodedata
from typing import Any

import pytest
from rich.console import RenderableType
from tests.support import reports as samples

from tidegate.cli.answer import find
from tidegate.cli.terminal import Terminal
from tidegate.domain.history import History
from tidegate.domain.promotion import AppReport, Outcome, PromotionReport
from tidegate.domain.standing import StatusReport

ANSI = re.compile(r"\x1b\[[0-9;]*m")


def report(kind: str, *parts: Any, **options: bool) -> Any:
    return find(kind, "text")(*parts, **options)


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def everything(text: str) -> list[RenderableType]:
    return [
        report("promotion", samples.promotion(text)),
        report("promotion", samples.promotion(text), verbose=True),
        report("promotion", samples.promotion(text, committed=False), verbose=True),
        report("promotion", samples.unpushed(text)),
        report("history", samples.history(text)),
        report("history", samples.way_back(text)),
        report("status", samples.status(text)),
        report("diagnosis", samples.diagnosis(text)),
        report("holds", samples.holds(text)),
        report("holds", samples.holds(text, "release", samples.refused(text))),
        report("holds", samples.holds(text, "release", samples.offered(text))),
        report("rollback", samples.rollback(text)),
        report("rollback", samples.rollback(text, samples.offered(text))),
        report("rollback", samples.rollback(text, samples.written(text, committed=False))),
        report("difference", samples.difference(text)),
        report("live_difference", samples.live_difference(text)),
        report("sync", samples.sync(text)),
        report("reconciliation", samples.reconciliation(text)),
        report("rescan", samples.rescan(text)),
        report("delivery", samples.delivery(text)),
        report("proposal", samples.proposal(text)),
        report("merging", samples.merging(text)),
        report("arrivals", samples.arrivals(text)),
        report("arrivals", samples.arrivals(text, since=None)),
        report("audit", samples.audit(text)),
        report("verification", samples.verification(text)),
        report("schemas", samples.schemas(text)),
        report("definitions", samples.definitions(text)),
        report("catalogue", samples.catalogue(text)),
        report("rule", samples.rule(text)),
        report("rule", samples.rule(text, across=True)),
        report("examples", samples.examples(text)),
    ]


def show(item: RenderableType, out: io.StringIO, *, color: bool = True, **environ: str) -> str:
    Terminal(out, io.StringIO(), environ, color=color).show(item)
    return out.getvalue()


def assert_clean(text: str) -> None:
    for line in text.split("\n"):
        assert line == line.rstrip()
        for character in line:
            assert unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Zl", "Zp")


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_plain_text_has_no_escapes_blanks_at_the_end_or_controls(text: str) -> None:
    for item in everything(text):
        shown = show(item, io.StringIO())
        assert_clean(shown)
        assert shown.endswith("\n")


@pytest.mark.parametrize("text", samples.HOSTILE)
def test_a_terminal_gets_colours_and_no_other_control(text: str) -> None:
    for item in everything(text):
        shown = show(item, Screen(), TERM="xterm-256color")
        assert ANSI.search(shown)
        left = ANSI.sub("", shown)
        assert "\x1b" not in left
        for line in left.split("\n"):
            assert all(unicodedata.category(c) not in ("Cc", "Cf") for c in line)


@pytest.mark.parametrize(
    ("color", "environ"),
    [
        (False, {"TERM": "xterm"}),
        (True, {"TERM": "xterm", "NO_COLOR": "1"}),
        (True, {"TERM": "xterm", "NO_COLOR": ""}),
        (True, {"TERM": "dumb"}),
    ],
)
def test_nobody_who_wants_no_colours_gets_any(color: bool, environ: dict[str, str]) -> None:
    for item in everything("plain"):
        shown = show(item, Screen(), color=color, **environ)
        assert not re.search(r"\x1b\[[0-9;]*3[0-7]", shown)
        if environ.get("TERM") == "dumb":
            assert "\x1b" not in shown


def test_rich_markup_from_outside_is_text() -> None:
    shown = show(report("history", samples.history("[bold]x[/] [/red]")), io.StringIO())
    assert "[bold]x[/] [/red]" in shown


def test_times_are_in_utc_whoever_committed_where() -> None:
    shown = show(report("history", samples.history("x")), io.StringIO())
    assert shown.count("2026-03-01 12:00") == 3
    assert "when (UTC)" in shown


def test_nothing_to_report_says_so() -> None:
    assert "never promoted" in show(report("history", History("shop", "f", ())), io.StringIO())
    empty = StatusReport("f", samples.NOW, (), ())
    assert "No app" in show(report("status", empty), io.StringIO())


def test_many_apps_are_counted_and_those_that_fail_are_shown() -> None:
    apps = [AppReport(f"app{n}", Outcome.PROMOTED) for n in range(30)]
    apps.append(AppReport("bad", Outcome.BLOCKED, verdict=samples.verdict("why")))
    shown = show(report("promotion", PromotionReport("prod", "f", tuple(apps))), io.StringIO())
    assert "31 apps: 30 promoted, 1 blocked" in shown
    assert "bad  prod" in shown
    assert "app7" not in shown


def test_a_title_without_versions_has_no_gap() -> None:
    apps = (AppReport("shop", Outcome.BLOCKED, verdict=samples.verdict("why")),)
    shown = show(report("promotion", PromotionReport("staging", "f", apps)), io.StringIO())
    assert shown.startswith("shop  staging  blocked\n")


def test_the_diff_keeps_its_blanks() -> None:
    made = samples.promotion("x", committed=False)
    diff = "diff --git a/x b/x\n@@ -1,2 +1,2 @@\n   key:\n-    old: 1\n+    new: \t2\n"
    shown = show(report("promotion", PromotionReport("prod", "f", (), plan=made.plan, diff=diff)),
                 io.StringIO())  # fmt: skip
    assert "       key:\n    -    old: 1\n    +    new: \\u00092\n" in shown


@pytest.mark.parametrize("columns", [24, 40, 60, 80, 100, 140])
def test_no_word_is_broken_that_fits_a_line(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = "a reason that takes several lines"
    for item in everything(text):
        wide = set(show(item, io.StringIO()).split())
        narrow = show(item, Screen(), TERM="xterm", color=False)
        short = {word for word in wide if len(word) <= columns - 8}
        assert short <= set(narrow.split()), short - set(narrow.split())


def test_a_narrow_terminal_gets_the_columns_that_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    shown = show(report("history", samples.history("dev")), Screen(), TERM="xterm", color=False)
    assert shown.splitlines()[:3] == [
        "when (UTC)        environment  version",
        "    image  by  commit",
        "2026-03-01 12:00  dev          1 → 1",
    ]
    assert "    model:v1@sha256:bbbbbbbbbbbb  dev  0123456789  dev" in shown.splitlines()
    monkeypatch.setenv("COLUMNS", "30")
    shown = show(report("history", samples.history("dev")), Screen(), TERM="xterm", color=False)
    assert shown.splitlines()[2] == "2026-03-01 12:00  dev"
    monkeypatch.setenv("COLUMNS", "25")
    shown = show(report("history", samples.history("dev")), Screen(), TERM="xterm", color=False)
    assert shown.splitlines()[0] == "when (UTC)  environment"
    monkeypatch.setenv("COLUMNS", "100")
    shown = show(report("history", samples.history("dev")), Screen(), TERM="xterm", color=False)
    assert shown.splitlines()[1].startswith("2026-03-01 12:00  dev          1 → 1    model:v1@sha")
