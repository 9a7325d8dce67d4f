"""The whole demo, as `make demo` runs it, into a folder of the test's own."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from demo.stage import clear
from demo.transcript import DemoFailed

REPOSITORY = Path(__file__).parents[2]
BINARIES = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
TRAILER = re.compile(
    r"Tidegate-Promotion: (\w+)/digits digits@(\d) (sha256:[0-9a-f]{64}) sha256:[0-9a-f]{64}"
)

STORY = [
    "tidegate promote digits --to dev",
    "tidegate promote digits --to staging",
    "tidegate promote digits --to prod",
    "tidegate promote digits --to dev",
    "tidegate promote digits --to prod --version 2",
    "tidegate promote digits --to staging",
    "tidegate promote digits --to prod --reason 'misreads half as many'",
    "tidegate promote digits --to prod --reason 'misreads half as many'",
    "tidegate promote digits --to dev",
    "tidegate promote digits --to dev",
    "tidegate history digits",
    "tidegate status",
    "git pull --quiet --ff-only",
    "git log --oneline",
    "git show --format=fuller HEAD -- environments/prod/digits/kustomization.yaml",
]


@dataclass(frozen=True, slots=True)
class Shown:
    """A finished demo: where it worked, and what it printed."""

    start: Path
    home: Path
    transcript: str
    errors: str

    @property
    def folder(self) -> Path:
        return self.start / "a demo"

    def chapter(self, heading: str) -> str:
        """What was printed from the heading that begins so to the next one."""
        blocks = self.transcript.split(f"\n{heading}", 1)[1]
        return re.split(r"\n\n(?=Version |Straight |So |The same |What |All |Done )", blocks)[0]

    def log(self, form: str) -> list[str]:
        """The remote's history, oldest first, an entry a commit."""
        command = ["git", "log", "--reverse", "-z", f"--format={form}", "main"]
        remote = self.folder / "remote.git"
        text = subprocess.run(command, cwd=remote, check=True, capture_output=True, text=True)
        return [entry.strip() for entry in text.stdout.strip("\0").split("\0")]

    def overlay(self, environment: str) -> str:
        """The overlay at the remote's head."""
        path = f"main:environments/{environment}/digits/kustomization.yaml"
        command = ["git", "show", path]
        remote = self.folder / "remote.git"
        return subprocess.run(
            command, cwd=remote, check=True, capture_output=True, text=True
        ).stdout


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Shown:
    for tool in ("kubectl", "trivy"):
        if shutil.which(tool, path=BINARIES) is None:
            pytest.skip(f"there is no {tool} for this platform")
    start, home = tmp_path_factory.mktemp("start"), tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [sys.executable, "-m", "demo", "--folder", "a demo"],
        cwd=start,
        # Git's variables of a hook and the user's own registry must not lead out of the demo.
        env=os.environ
        | {
            "HOME": str(home),
            "PYTHONPATH": str(REPOSITORY / "tooling"),
            "GIT_DIR": "/nowhere",
            "MLFLOW_TRACKING_URI": "http://127.0.0.1:9",
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=900,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return Shown(start, home, done.stdout, done.stderr)


pytestmark = pytest.mark.xdist_group("demo")


def test_every_command_is_shown_and_ends_as_it_should(shown: Shown) -> None:
    assert re.findall(r"^\$ (.+)$", shown.transcript, re.MULTILINE) == STORY
    assert re.findall(r"^\(exit status (\d)\)$", shown.transcript, re.MULTILINE) == ["1"] * 3


def test_the_alias_moves_between_versions(shown: Shown) -> None:
    moved = re.findall(r'^>>> .*"digits", "candidate", "(\d)"', shown.transcript, re.MULTILINE)
    assert moved == ["1", "2", "3", "4"]


@pytest.mark.parametrize(
    ("heading", "gate", "why"),
    [
        ("Straight into prod?", "order", "staging runs version 1, not 2"),
        ("Version 3 is worse", "champion", "of the champion, version 2"),
        ("Version 4 is the best", "scan", "CVE-2023-50447"),
    ],
)
def test_a_refusal_names_its_gate_and_the_reason(
    shown: Shown, heading: str, gate: str, why: str
) -> None:
    chapter = shown.chapter(heading)
    assert gate in chapter
    assert why in " ".join(chapter.split())


def test_six_promotions_are_six_commits(shown: Shown) -> None:
    assert shown.log("%s") == [
        "Sample apps, gates and environments",
        "promote(dev): digits → 1",
        "promote(staging): digits → 1",
        "promote(prod): digits → 1",
        "promote(dev): digits 1 → 2",
        "promote(staging): digits 1 → 2",
        "promote(prod): digits 1 → 2",
    ]


def test_each_commit_carries_its_trailer_and_one_version_keeps_its_digest(shown: Shown) -> None:
    found = [TRAILER.findall(body) for body in shown.log("%B")[1:]]
    steps = [(environment, version) for [(environment, version, _)] in found]
    environments = ["dev", "staging", "prod"]
    assert steps == [*((e, "1") for e in environments), *((e, "2") for e in environments)]
    digests = {version: {d for [(_, v, d)] in found if v == version} for version in "12"}
    assert [len(each) for each in digests.values()] == [1, 1]
    assert "Reason: misreads half as many" in shown.log("%B")[-1].splitlines()
    for environment in environments:
        overlay = shown.overlay(environment)
        assert 'newTag: "v2"' in overlay
        assert digests["2"].copy().pop() in overlay
        assert 'app.kubernetes.io/version: "2"' in overlay


def test_it_speaks_plainly_where_there_is_no_terminal(shown: Shown) -> None:
    assert "\x1b" not in shown.transcript + shown.errors
    assert "Traceback" not in shown.transcript + shown.errors


def test_nothing_is_written_outside_its_folder(shown: Shown) -> None:
    assert [path.name for path in shown.start.iterdir()] == ["a demo"]
    assert list(shown.home.rglob("*")) == []


def test_the_commands_to_try_next_work_as_printed(shown: Shown) -> None:
    commands = re.findall(r"^  ('a demo/tidegate' .+)$", shown.transcript, re.MULTILINE)
    assert len(commands) == 3
    before = len(shown.log("%H"))
    outputs = [
        subprocess.run(
            ["sh", "-c", command], cwd=shown.start, check=True, capture_output=True, text=True
        ).stdout
        for command in commands
    ]
    assert "+++ b/environments/dev/digits/kustomization.yaml" in outputs[0]
    assert len(shown.log("%H")) == before + 1
    assert shown.log("%s")[-1] == "promote(dev): digits 2 → 5"


def test_the_four_versions_are_as_the_story_needs_them(shown: Shown) -> None:
    rows = re.findall(r"^ *([1-4]) .* (0\.\d{4}) +(0\.\d{4}) *$", shown.transcript, re.MULTILINE)
    assert [number for number, _, _ in rows] == ["1", "2", "3", "4"]
    first, second, third, fourth = (float(accuracy) for _, accuracy, _ in rows)
    assert first > 0.95
    assert third < first < second < fourth
    first, second, third, fourth = (float(loss) for _, _, loss in rows)
    assert third > first > second > fourth


def test_a_folder_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("x")
    with pytest.raises(DemoFailed, match="isn't the demo's own"):
        clear(tmp_path)
    assert (tmp_path / "precious").read_text() == "x"


def test_a_file_in_its_place_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "demo").write_text("x")
    with pytest.raises(DemoFailed, match="isn't the demo's own"):
        clear(tmp_path / "demo")
    assert (tmp_path / "demo").read_text() == "x"


def test_a_link_in_its_place_is_not_followed(tmp_path: Path) -> None:
    clear(tmp_path / "elsewhere")
    (tmp_path / "demo").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(DemoFailed, match="symbolic link"):
        clear(tmp_path / "demo")
    assert list((tmp_path / "elsewhere").iterdir())


def test_starting_again_clears_the_folder_but_follows_no_link(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "precious").write_text("x")
    stage = clear(tmp_path / "demo")
    (stage.folder / "left over").write_text("x")
    (stage.folder / "link").symlink_to(tmp_path / "outside")
    again = clear(tmp_path / "demo")
    assert [path.name for path in again.folder.iterdir()] == [".tidegate-demo"]
    assert (tmp_path / "outside" / "precious").read_text() == "x"
