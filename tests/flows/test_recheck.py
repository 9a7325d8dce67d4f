"""A check of what hasn't changed is the report of the one before; what has changed is looked at."""

from __future__ import annotations

import os
import shutil
from argparse import Namespace
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.support.checks import Checker, replace
from tests.support.evidence import NOW
from tests.support.gitops import BINARIES
from tests.support.overlays import BASE, commit, make_repository
from tests.support.waivers import waiver

from tidegate.cli.looking import Looking
from tidegate.domain.check import CheckReport, CheckRequest, Coverage
from tidegate.domain.finding import Finding, Severity, Violation
from tidegate.domain.location import Location
from tidegate.domain.manifest import ObjectId
from tidegate.domain.rulebook import Rulebook
from tidegate.errors import ToolMissing
from tidegate.flows.recheck import recheck
from tidegate.policy.report_record import dump_report, load_report
from tidegate.policy.waivers import next_change
from tidegate.ports import Inspector

DAY = timedelta(days=1)
PATH = os.pathsep.join([str(BINARIES), os.environ["PATH"]])
FIRST = "environments/dev/app-00000/kustomization.yaml"
WAIVERS = """\
apiVersion: tidegate.dev/v1
kind: Waivers
waivers:
  - id: TG-1
    rule: schema
    apps: [app-00000]
    environments: [dev]
    reason: known
    approvedBy: jo
    ticket: T-1
    expires: {expires}
"""


class Counted(Looking):
    """Connections that count how often anybody is asked to inspect, at a time of one's own."""

    def __init__(self, root: Path, cache: Path, now: datetime = NOW, path: str = PATH) -> None:
        arguments = Namespace(root=str(root), timeout=300)
        super().__init__(arguments, environ={"PATH": path}, caches=cache)
        self.time, self.asked = now, 0

    def inspector(self, rulebook: Rulebook, versions: Sequence[str] = ()) -> Inspector:
        self.asked += 1
        return super().inspector(rulebook, versions)

    def now(self) -> datetime:
        return self.time


def test_a_clone_without_git_is_no_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clone" / ".git").mkdir(parents=True)
    (tmp_path / "folder").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissing, match="git is not on PATH"):
        Counted(tmp_path / "clone", tmp_path / "cache")
    assert Counted(tmp_path / "folder", tmp_path / "cache").root == tmp_path / "folder"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    make_repository(tmp_path / "repository", 2)
    return tmp_path / "repository"


def look(
    root: Path, now: datetime = NOW, request: CheckRequest | None = None
) -> tuple[CheckReport, bool]:
    """A check, and whether it was made anew."""
    connections = Counted(root, root.parent / "cache", now)
    report = recheck(request or CheckRequest(), connections, lambda _: None, lambda _, __: None)
    return report, connections.asked > 0


def test_nothing_is_asked_again_where_nothing_has_changed(root: Path) -> None:
    replace(root, "apps/app-00001/base/all.yaml", "readinessProbe", "redinessProbe")
    first, anew = look(root)
    again, anew_again = look(root)
    assert (anew, anew_again) == (True, False)
    assert again.findings == first.findings != ()
    assert (again.coverage.cached, again.coverage.rendered) == (2, 0)
    assert again.coverage.checked == first.coverage.checked


@pytest.mark.parametrize(
    "request_",
    [
        CheckRequest(app="app-00000"),
        CheckRequest(kubernetes="1.30"),
        CheckRequest(strict_kinds=True),
        CheckRequest(warnings_as_errors=True),
        CheckRequest(shard=(1, 2)),
        CheckRequest(paths=("apps",)),
        CheckRequest(changed_since="HEAD"),
    ],
)
def test_another_question_has_another_answer(root: Path, request_: CheckRequest) -> None:
    look(root)
    assert look(root, request=request_)[1]
    assert not look(root, request=request_)[1]


def test_any_change_counts(root: Path) -> None:
    look(root)
    (root / "apps/app-00000/README").write_text("nothing to render\n")
    assert look(root)[1]
    (root / "apps/app-00000/README").unlink()
    assert not look(root)[1]  # as it was
    (root / FIRST).chmod(0o755)
    assert look(root)[1]


def test_what_has_changed_since_is_part_of_the_question(root: Path) -> None:
    request = CheckRequest(changed_since="HEAD")
    with (root / FIRST).open("a") as file:
        file.write("# changed\n")
    report, _ = look(root, request=request)
    assert report.coverage.checked == ("environments/dev/app-00000",)
    assert not look(root, request=request)[1]
    commit(root)
    report, anew = look(root, request=request)
    assert anew
    assert report.coverage.checked == ()


def test_what_could_not_be_rendered_is_tried_again(root: Path) -> None:
    (root / FIRST).write_text("resources: [gone.yaml]\n")
    assert look(root)[0].findings[0].violation.rule == "render"
    assert look(root)[1]


@pytest.mark.parametrize(
    ("days", "same"), [(-1, True), (1, True), (15, True), (18, False), (40, False)]
)
def test_waivers_have_their_day(root: Path, days: int, same: bool) -> None:
    """Announced 14 days before its end, and over after it: a report is kept for a day at most."""
    replace(root, "apps/app-00000/base/all.yaml", "readinessProbe", "redinessProbe")
    (root / "policies/waivers").mkdir(parents=True)
    expires = (NOW + 30 * DAY).date().isoformat()
    (root / "policies/waivers/all.yaml").write_text(WAIVERS.format(expires=expires))
    kept, _ = look(root)
    assert [f.waiver.id for f in kept.findings if f.waiver] == ["TG-1"]
    assert look(root)[0].findings == kept.findings
    assert not look(root, NOW + timedelta(seconds=1))[1]
    later, anew = look(root, NOW + days * DAY)
    assert anew
    assert (later.findings == kept.findings) is same


def test_rubbish_in_the_cache_is_no_report(root: Path) -> None:
    first, _ = look(root)
    for file in (root.parent / "cache").rglob("*"):
        if file.is_file():
            file.write_bytes(file.read_bytes()[:-3] + b"]]]")
    again, anew = look(root)
    assert anew
    assert again.findings == first.findings


def test_who_has_no_renderer_and_needs_none_is_not_asked_for_one(root: Path) -> None:
    nowhere = root.parent / "nowhere"
    nowhere.mkdir()
    git = shutil.which("git")
    assert git is not None
    (nowhere / "git").symlink_to(git)
    connections = Counted(root, root.parent / "cache", path=str(nowhere))
    request = CheckRequest(changed_since="HEAD")
    report = recheck(request, connections, lambda _: None, lambda _, __: None)
    assert report.coverage.checked == ()
    with pytest.raises(ToolMissing, match="kustomize"):
        recheck(CheckRequest(), connections, lambda _: None, lambda _, __: None)


def test_without_a_cache_nothing_is_kept(root: Path, tmp_path: Path) -> None:
    checker = Checker(root, tmp_path / "cache")
    checker()
    assert checker("--no-cache")["coverage"]["rendered"] == 2
    replace(root, "apps/app-00000/base/all.yaml", BASE.split("\n", 1)[0], "apiVersion: apps/v1")
    assert checker()["coverage"]["cached"] == 2


def test_a_report_survives() -> None:
    item = ObjectId("apps/v1", "Deployment", "shop", "sh\udcffop")
    violation = Violation("r", Severity.WARN, "wrong \x1b", item, ("spec", 0), "mend", "https://x")
    place = Location("a.yaml", 3, 4)
    findings = (
        Finding("o", violation, place, "prod", "shop", waiver(objects=("Deployment/*",))),
        Finding("o", Violation("q", Severity.DENY, "all of it"), Location("b.yaml")),
    )
    coverage = Coverage(2, 8, 1, 1, ("1.33",), 71, {("a/v1", "B"): 3}, ("a note",), ("o",), 4)
    report = CheckReport(findings, coverage, warnings_as_errors=True)
    again = load_report(dump_report(report))
    assert again.findings == findings
    assert again.warnings_as_errors
    assert (again.coverage.rendered, again.coverage.cached) == (0, 2)
    assert again.coverage.unknown_kinds == coverage.unknown_kinds
    assert again.coverage.notes == coverage.notes
    assert again.coverage.unlisted == 4


@pytest.mark.parametrize("data", [b"", b"[]", b"[[], {}, false]", b"[[[1]], {}, false]", b"{"])
def test_other_bytes_are_no_report(data: bytes) -> None:
    with pytest.raises(ValueError):
        load_report(data)


@pytest.mark.parametrize(
    ("expires", "hours"),
    [
        (timedelta(hours=5), 5),
        (timedelta(days=20, hours=3), 3),
        (timedelta(days=3, hours=20), 12),  # of its hour and midnight, midnight comes first
        (timedelta(hours=-5), 12),
        (timedelta(hours=-22), 2),  # two hours from now it is a day ago
    ],
)
def test_the_next_moment_that_counts(expires: timedelta, hours: int) -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert next_change([waiver(expires=noon + expires)], noon) == noon + timedelta(hours=hours)
    assert next_change([], noon) is None
